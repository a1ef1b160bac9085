"""A request for a chat completion: read, and refused where it contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from orchat.demo.catalogue import AUTO
from orchat.demo.errors import bad_request
from orchat.demo.parameters import check_parameters
from orchat.demo.prompt import Prompt
from orchat.demo.server_tools import check_server_tools
from orchat.demo.shapes import CHAT_REQUEST, MESSAGE_PARTS, check_shape

PROVIDER_KEYS = frozenset(
    {
        "order",
        "allow_fallbacks",
        "only",
        "ignore",
        "require_parameters",
        "data_collection",
        "zdr",
        "enforce_distillable_text",
        "quantizations",
        "sort",
        "preferred_min_throughput",
        "preferred_max_latency",
        "max_price",
        "options",
    }
)
_LONGEST_SESSION_ID = 256
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


@dataclass(frozen=True)
class ChatRequest:
    """The body of POST /chat/completions, and the headers that count."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def stream(self) -> bool:
        """Whether the answer is wanted as server-sent events."""
        return bool(self.body.get("stream"))

    @property
    def models(self) -> list[str]:
        """The model asked for and its fallbacks, in order."""
        named = [self.body.get("model"), *(self.body.get("models") or [])]
        return list(dict.fromkeys(str(model) for model in named if model)) or [AUTO]

    @property
    def provider(self) -> Mapping[str, Any]:
        """The provider preferences."""
        return self.body.get("provider") or {}

    @property
    def zdr(self) -> bool:
        """Whether zero data retention is demanded: by the body only, no header does that."""
        return self.provider.get("zdr") is True

    @property
    def session_id(self) -> str | None:
        """The conversation that this request belongs to; the body wins over the header."""
        session = self.body.get("session_id") or self.headers.get("x-session-id")
        return str(session) if session else None

    @property
    def max_tokens(self) -> int | None:
        """The most tokens that may come out, reasoning included."""
        limit = self.body.get("max_completion_tokens") or self.body.get("max_tokens")
        return int(limit) if limit else None

    @cached_property
    def prompt(self) -> Prompt:
        """The conversation."""
        return Prompt(self.body["messages"], tuple(self.body.get("tools") or ()), self.body.get("seed"))

    @property
    def stops(self) -> list[str]:
        """The texts before which the answer ends."""
        stop = self.body.get("stop") or []
        return [stop] if isinstance(stop, str) else [text for text in stop if text]

    @cached_property
    def reasoning(self) -> bool | None:
        """Whether reasoning is wanted; None leaves it to the model."""
        options = self.body.get("reasoning")
        effort = self.body.get("reasoning_effort") or (options or {}).get("effort")
        if effort:
            return bool(effort != "none")
        if options is None:
            return True if self.body.get("include_reasoning") else None
        if "enabled" in options:
            return bool(options["enabled"])
        # An empty object switches it on; `exclude` or `summary` alone change only what is shown.
        return True if not options or options.get("max_tokens") else None

    @property
    def hides_reasoning(self) -> bool:
        """Whether reasoning happens and is billed but not shown."""
        return bool((self.body.get("reasoning") or {}).get("exclude")) or self.body.get("include_reasoning") is False

    def plugin(self, plugin_id: str) -> Mapping[str, Any]:
        """The options of a plugin, empty when it is not asked for."""
        plugins = self.body.get("plugins") or []
        return next((plugin for plugin in plugins if plugin.get("id") == plugin_id), {})


def parse_chat_request(body: Any, headers: Mapping[str, str]) -> ChatRequest:
    """Read a body.

    Raises:
        APIError: 400, with OpenRouter's words where they are known.
    """
    if body is None:
        raise bad_request("Invalid input: expected object at the top level")
    check_shape(body, CHAT_REQUEST)
    _check_session(body)
    _check_tools(body)
    _check_messages(body.get("messages"))
    check_provider(body.get("provider"))
    check_parameters(body)
    return ChatRequest(body, headers)


def _check_session(body: Mapping[str, Any]) -> None:
    if len(body.get("session_id") or "") > _LONGEST_SESSION_ID:
        raise bad_request(f"session_id: must be at most {_LONGEST_SESSION_ID} characters")


def _check_tools(body: Mapping[str, Any]) -> None:
    check_server_tools(body.get("tools") or [])
    for place, tool in enumerate(body.get("tools") or []):
        if tool.get("type", "function") == "function" and not (tool.get("function") or {}).get("name"):
            raise bad_request(f"Invalid input: tools[{place}].function.name is missing")


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise bad_request('Input required: specify "messages"')
    for place, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
            raise bad_request(f"Invalid input: messages[{place}].role must be one of {', '.join(sorted(_ROLES))}")
        if not isinstance(message.get("content"), str | list | None):
            raise bad_request(f"Invalid input: messages[{place}].content must be a string or a list of parts")
        if isinstance(message.get("content"), list):
            check_shape(message["content"], MESSAGE_PARTS, f"messages[{place}].content")
            _check_addresses(message["content"], f"messages[{place}].content")
        if not all((call.get("function") or {}).get("name") for call in message.get("tool_calls") or []):
            raise bad_request(f"Invalid input: messages[{place}].tool_calls need a function with a name")


def _check_addresses(parts: Sequence[Mapping[str, Any]], path: str) -> None:
    """A picture or a file is there as a data URL, or at an address that OpenRouter could fetch."""
    for part in parts:
        for kind, key in (("image_url", "url"), ("file", "file_data")):
            address = (part.get(kind) or {}).get(key) if part.get("type") == kind else None
            if address is not None and not str(address).startswith(("data:", "https://", "http://")):
                raise bad_request(f"Invalid URL at {path}.{kind}.{key}", "invalid_image")


def check_provider(provider: Mapping[str, Any] | None) -> None:
    """Refuse preferences that OpenRouter does not know.

    Raises:
        APIError: 400 `Unrecognized key(s) in object`.
    """
    unknown = sorted(set(provider or ()) - PROVIDER_KEYS)
    if unknown:
        names = ", ".join(f"'{key}'" for key in unknown)
        raise bad_request(f"Unrecognized key(s) in object: {names}")
