"""Privacy: which parts of a request zero data retention does not cover. No I/O.

`provider.zdr` binds the endpoint of the model that answers. Third parties behind plugins and server tools, what
OpenRouter itself keeps, and routes that have no such switch are beyond its reach.
Source: https://openrouter.ai/docs/guides/features/zdr.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchat.wire import JSON, base_id, fields

CHAT = "/chat/completions"
COVERED_PATHS = frozenset(
    {CHAT, "/responses", "/messages", "/embeddings", "/rerank", "/audio/speech", "/audio/transcriptions"}
)
"""Routes whose `provider` object has the switch; `/images`, `/videos`, `/batches` and `/files` have none."""

MADE = {"/images": "images", "/videos": "videos"}

COVERED_PLUGINS = frozenset(
    {"auto-router", "auto-beta-router", "pareto-router", "context-compression", "response-healing"}
)
"""Plugins that send nothing to third parties."""

NATIVE_FILES: JSON = {"id": "file-parser", "pdf": {"engine": "native"}}
"""Leaves reading a PDF to the model itself; without it OpenRouter hands it to a third party where a model cannot."""

WEB_SEARCH = ("web_search_options", "x_search_filter")
"""Parameters that make the provider search the web."""

CACHE_HEADER = "x-openrouter-cache"


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A part of a request that zero data retention does not cover.

    `kind` is `route`, `plugin`, `preset`, `server_tool`, `web_search`, `file`, `router` or `cache`; `name` is the part
    as the request spells it, `reason` a sentence for a person.
    """

    kind: str
    name: str
    reason: str

    @property
    def feature(self) -> str:
        """What it is in one word, however it is asked for: `web_search` is a server tool, a plugin and a suffix."""
        if self.kind == "web_search" or self.name == "web" or self.name.startswith("web_search_preview"):
            return "web_search"
        named = {
            "router": "fusion",
            "cache": "response-cache",
            "web-fetch": "web_fetch",
            "/images": "image_generation",
            "/videos": "video_generation",
        }
        return named.get(self.kind) or named.get(self.name) or self.name.removeprefix("openrouter:")


def uncovered(
    body: Mapping[str, Any], *, path: str = CHAT, headers: Mapping[str, str] | None = None
) -> tuple[Uncovered, ...]:
    """Return the parts of a request that zero data retention does not cover; with it on, they must not be sent.

    `body` may be a part of a request: `{"tools": [{"type": "openrouter:web_search"}]}`. What is not known counts as
    not covered.
    """
    found = (
        _route(path),
        _plugins(body),
        _models(body),
        _server_tools(body),
        _web(body),
        _files(body),
        _cache(headers),
    )
    return tuple(part for parts in found for part in parts)


def with_native_files(body: JSON) -> JSON:
    """Return a request whose files, if there are any, are read by the model itself and by no third party."""
    if not _has_files(body):
        return body
    plugins = _entries(body.get("plugins"))
    given = next((dict(one) for one in plugins if one.get("id") == NATIVE_FILES["id"] and one.get("enabled", True)), {})
    others = [one for one in plugins if one.get("id") != NATIVE_FILES["id"]]
    return {**body, "plugins": [*others, {**NATIVE_FILES, **given}]}


def _has_files(body: Mapping[str, Any]) -> bool:
    contents = (message.get("content") for message in _entries(body.get("messages")))
    return any(part.get("type") == "file" for content in contents for part in _entries(content))


def _route(path: str) -> Iterator[Uncovered]:
    if path not in COVERED_PATHS:
        said = f"OpenRouter cannot be asked for zero data retention for {MADE.get(path, f'requests to “{path}”')}."
        yield Uncovered("route", path, said)


def _plugins(body: Mapping[str, Any]) -> Iterator[Uncovered]:
    for plugin in _entries(body.get("plugins")):
        name = str(plugin.get("id"))
        covered = name in COVERED_PLUGINS or {**plugin, **NATIVE_FILES} == plugin
        if plugin.get("enabled", True) and not covered:
            yield Uncovered("plugin", name, f"Zero data retention does not cover the plugin “{name}”.")


def _models(body: Mapping[str, Any]) -> Iterator[Uncovered]:
    names = [str(name) for name in (body.get("model"), *(body.get("models") or ())) if name]
    if body.get("preset") or any("@preset/" in name for name in names):
        named = str(body.get("preset") or next(name for name in names if "@preset/" in name))
        yield Uncovered("preset", named, "Zero data retention cannot vouch for presets: one may switch plugins on.")
    for name in names:
        if ":online" in name:
            yield Uncovered("web_search", name, "Zero data retention does not cover web search (“:online”).")
        if base_id(name).startswith("openrouter/fusion"):
            yield Uncovered("router", name, f"Zero data retention does not cover “{name}”, which may search the web.")


def _server_tools(body: Mapping[str, Any]) -> Iterator[Uncovered]:
    for tool in _entries(body.get("tools")):
        name = str(tool.get("type", "function"))
        if name != "function":
            yield Uncovered("server_tool", name, f"Zero data retention does not cover the server tool “{name}”.")


def _web(body: Mapping[str, Any]) -> Iterator[Uncovered]:
    for name in WEB_SEARCH:
        if body.get(name):
            yield Uncovered("web_search", name, f"Zero data retention does not cover web search (“{name}”).")


def _files(body: Mapping[str, Any]) -> Iterator[Uncovered]:
    for message in _entries(body.get("messages")):
        for part in _entries(message.get("content")):
            if name := fields(part.get("file")).get("file_id"):
                yield Uncovered("file", str(name), "Zero data retention does not cover files that OpenRouter keeps.")


def _cache(headers: Mapping[str, str] | None) -> Iterator[Uncovered]:
    for name, value in (headers or {}).items():
        if name.lower() == CACHE_HEADER and value.strip().lower() != "false":
            yield Uncovered(
                "cache", name, "Zero data retention does not cover the response cache, which would keep the answer."
            )


def _entries(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list | tuple) else []
