"""What left the machine with a request, in numbers and names: never its content. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchat.openrouter.request import Request
from orchat.wire import JSON, fields, objects, words

NUMBERS = ("temperature", "top_p", "max_tokens", "seed", "frequency_penalty", "presence_penalty")
"""Parameters of an answer that are numbers."""
ABOUT_PROVIDERS = ("sort", "order", "only", "ignore", "max_price")
TEXT_FILE = "<file "
"""How a part begins that is a file as text."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request to a model, as its body says."""

    path: str
    model: str | None
    fallbacks: tuple[str, ...]
    """Models that were to stand in for it."""
    zdr: bool
    data_collection: str | None
    """`deny`: only providers that do not train on it. None: nothing was asked for."""
    messages: int
    characters: int
    """Of all text in it: messages, or texts to embed or to rank."""
    parts: Mapping[str, int]
    """How many parts of each kind that is no text of its own: `image_url`, `file`, `input_audio`, `text_file`."""
    tools: tuple[str, ...]
    """Names of the tools that the model was told of."""
    server_tools: tuple[str, ...]
    """OpenRouter's own tools and plugins."""
    session: bool
    """Whether the conversation's id went along."""
    system: int = 0
    """Characters of the system prompt; they are among the others."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What was asked of the answer: numbers and names, of texts only how many."""
    providers: Mapping[str, Any] = field(default_factory=dict)
    """What was asked about providers, beside privacy."""

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
            "system": self.system,
            "parameters": dict(self.parameters),
            "providers": dict(self.providers),
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
        fallbacks=tuple(str(name) for name in body.get("models") or () if name != body.get("model")),
        zdr=bool(provider.get("zdr")),
        data_collection=words(provider.get("data_collection")),
        messages=len(messages),
        characters=_characters(messages, parts) + sum(map(len, _other_texts(body))),
        parts={kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        tools=tuple(name for tool in tools if (name := words(fields(tool.get("function")).get("name")))),
        server_tools=(*own, *(str(plugin.get("id")) for plugin in objects(body.get("plugins")))),
        session="session_id" in body,
        system=sum(len(_text(message)) for message in messages if message.get("role") in ("system", "developer")),
        parameters=_parameters(body),
        providers={name: provider[name] for name in ABOUT_PROVIDERS if provider.get(name)},
    )


def _text(message: JSON) -> str:
    content = message.get("content")
    parts = objects(content) if isinstance(content, list) else [{"text": content}]
    return "".join(text for part in parts if (text := words(part.get("text"))))


def _parameters(body: Mapping[str, Any]) -> JSON:
    found: JSON = {name: body[name] for name in NUMBERS if isinstance(body.get(name), int | float)}
    if verbosity := words(body.get("verbosity")):
        found["verbosity"] = verbosity
    if stops := body.get("stop"):
        found["stop"] = 1 if isinstance(stops, str) else len(stops)
    if reasoning := fields(body.get("reasoning")):
        found["reasoning"] = dict(reasoning)
    if form := words(fields(body.get("response_format")).get("type")):
        found["response_format"] = form
    return found


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


def _other_texts(body: Mapping[str, Any]) -> list[str]:
    """Return the texts of requests that have no messages: to embed, or to rank."""
    lists = (body.get("input"), body.get("documents"), [body.get("query")])
    return [text for value in lists if isinstance(value, list) for text in value if isinstance(text, str)]
