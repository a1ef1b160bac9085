"""Features of OpenRouter's own: whether one may be used at the moment, and why not. The one place to ask."""

from orchat.ui import session

WEB_SEARCH, FILE_PARSER = "web_search", "file-parser"


def refusal(name: str) -> str | None:  # noqa: ARG001 - zero data retention covers none of them
    """Return why a feature cannot be used, as Markdown for a person; None if it can."""
    if session.current().ask.zdr:
        return "🛡️ Zero data retention does not cover it."
    return None
