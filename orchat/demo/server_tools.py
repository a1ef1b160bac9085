"""OpenRouter's own tools: what a simulated model finds with them inside a request, and what that costs.

Their calls are not surfaced; only citations and counters tell of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchat.demo.errors import bad_request
from orchat.demo.files import ParsedFile
from orchat.demo.kinds import topic_of
from orchat.demo.prompt import Prompt, words_of

PREFIX = "openrouter:"
SEARCH = "openrouter:web_search"
SEARCH_PRICE = 0.007
"""US dollars for a search."""
_ELSEWHERE = frozenset(f"{PREFIX}{name}" for name in ("shell", "bash", "apply_patch", "tool_search"))
_ASKS_FOR_A_SEARCH = frozenset(["search", "latest", "news", "web", "internet", "today", "current", "recent"])


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: the addresses that an answer cites, how many searches it took, and the files that were read."""

    sources: tuple[tuple[str, str], ...] = ()
    searches: int = 0
    files: tuple[ParsedFile, ...] = ()

    @property
    def cost(self) -> float:
        """US dollars for the searches and for reading files."""
        return self.searches * SEARCH_PRICE + sum(file.cost for file in self.files)

    def annotations(self) -> list[dict[str, Any]]:
        """The citations, as they stand in an answer."""
        cited = [_citation(title, url) for title, url in self.sources]
        return [*cited, *(file.annotation() for file in self.files)]

    def told(self) -> str:
        """What an answer says of it, as models cite: a link behind each point."""
        if not self.sources:
            return ""
        points = (f"- {title}: a simulated finding ([example.com]({url}))." for title, url in self.sources)
        return "\n".join(["On the web I find:\n", *points])

    def usage(self) -> dict[str, int]:
        """The counters of `server_tool_use_details`."""
        return {
            "web_search_requests": self.searches,
            "tool_calls_requested": self.searches,
            "tool_calls_executed": self.searches,
        }


NOTHING = Findings()


def check_server_tools(tools: Sequence[Mapping[str, Any]]) -> None:
    """Refuse tools that other endpoints have.

    Raises:
        APIError: 400.
    """
    for tool in tools:
        if tool.get("type") in _ELSEWHERE:
            raise bad_request(f"Server tool {tool['type']} is not supported on chat completions")


def search(prompt: Prompt) -> Findings:
    """Search the web, where the tool is offered and the question asks for it."""
    offered = any(tool.get("type") == SEARCH for tool in prompt.tools)
    if not offered or not _ASKS_FOR_A_SEARCH & set(words_of(prompt.question)):
        return NOTHING
    topic = topic_of(prompt.question)
    pages = (f"About {topic}", f"News about {topic}")
    return Findings(tuple((title, f"https://example.com/{place}") for place, title in enumerate(pages, 1)), 1)


def _citation(title: str, url: str) -> dict[str, Any]:
    found = {"url": url, "title": title, "content": f"Simulated: {title}.", "start_index": 0, "end_index": 0}
    return {"type": "url_citation", "url_citation": found}
