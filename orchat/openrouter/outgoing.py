"""What left the machine with a request, in numbers and names: never its content. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchat.openrouter.request import Request
from orchat.wire import JSON, fields, objects, words

TEXT_FILE = "<file "
"""How a part begins that is a file as text."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request to a model, as its body says."""

    path: str
    model: str | None
    fallbacks: tuple[str, ...]
    zdr: bool
    data_collection: str | None
    """`deny`: only providers that do not train on it. None: nothing was asked for."""
    messages: int
    characters: int
    """Of all text in it: messages, or texts to embed."""
    parts: Mapping[str, int]
    """How many parts of each kind that is no text of its own: `image_url`, `file`, `input_audio`, `text_file`."""
    tools: tuple[str, ...]
    """Names of the tools that the model was told of."""
    server_tools: tuple[str, ...]
    """OpenRouter's own tools and plugins."""
    session: bool
    """Whether the conversation's id went along."""

    def to_json(self) -> JSON:
        """Return it as it is kept; what there was none of is left out."""
        found: JSON = {
            "path": self.path,
            "fallbacks": list(self.fallbacks),
            "data_collection": self.data_collection,
            "messages": self.messages,
            "characters": self.characters,
            "parts": dict(self.parts),
            "tools": list(self.tools),
            "server_tools": list(self.server_tools),
            "session": self.session,
        }
        return {name: value for name, value in found.items() if value}


def outgoing(request: Request) -> Outgoing:
    """Read a request."""
    body = request.body or {}
    messages, provider = objects(body.get("messages")), fields(body.get("provider"))
    tools = objects(body.get("tools"))
    parts = [part for message in messages for part in objects(message.get("content"))]
    images = [image for message in messages for image in objects(message.get("images"))]
    kinds = [kind for part in (*parts, *images) if (kind := _kind(part)) != "text"]
    own = [str(tool.get("type")) for tool in tools if tool.get("type", "function") != "function"]
    return Outgoing(
        path=request.path,
        model=words(body.get("model")),
        fallbacks=tuple(map(str, body.get("models") or ())),
        zdr=bool(provider.get("zdr")),
        data_collection=words(provider.get("data_collection")),
        messages=len(messages),
        characters=_characters(messages, parts) + sum(map(len, _texts(body.get("input")))),
        parts={kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        tools=tuple(name for tool in tools if (name := words(fields(tool.get("function")).get("name")))),
        server_tools=(*own, *(str(plugin.get("id")) for plugin in objects(body.get("plugins")))),
        session="session_id" in body,
    )


def _kind(part: JSON) -> str:
    if part.get("type") == "text" and str(part.get("text")).startswith(TEXT_FILE):
        return "text_file"
    return str(part.get("type"))


def _characters(messages: list[JSON], parts: list[JSON]) -> int:
    calls = (call for message in messages for call in objects(message.get("tool_calls")))
    texts: list[Any] = [
        *(message.get("content") for message in messages),
        *(message.get("reasoning") for message in messages),
        *(part.get("text") for part in parts),
        *(fields(call.get("function")).get("arguments") for call in calls),
    ]
    return sum(len(text) for text in texts if isinstance(text, str))


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
