"""Features of OpenRouter's own: whether one may be used at the moment, and why not. The one place to ask."""

from orchat.ui import resources, session

WEB_SEARCH, FILE_PARSER = "web_search", "file-parser"


def refusal(name: str) -> str | None:
    """Return why a feature cannot be used, as Markdown for a person; None if it can."""
    if not resources.services().live.rules().allow_feature(name):
        return "🔒 Whoever runs this orchat has switched it off."
    if session.current().ask.zdr:
        return "🛡️ Zero data retention does not cover it."
    return None
