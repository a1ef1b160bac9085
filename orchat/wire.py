"""OpenRouter's JSON as types: what is sent, received and kept.

They describe; they never validate. OpenRouter adds fields, enum members and finish reasons at any time (its versioning
page says so), so everything is read leniently and unknown keys are carried along.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

JSON = dict[str, Any]
"""A JSON object."""

AUTO_MODEL = "openrouter/auto"
"""The auto-router's model id; the response names the model that answered."""

DYNAMIC_SUFFIXES = (":nitro", ":floor", ":exacto", ":online")
"""Suffixes that can be appended to any model id and change the routing only: they are no ids of `/models`."""


class FunctionCall(TypedDict):
    """The function a model wants to call; `arguments` is JSON text, kept byte for byte."""

    name: str
    arguments: str


class ToolCall(TypedDict):
    """A tool call of an assistant message."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class Message(TypedDict, total=False):
    """A message as it is sent, received and stored."""

    role: str
    content: str | list[JSON] | None
    name: str
    tool_calls: list[ToolCall]
    tool_call_id: str
    reasoning: str
    reasoning_details: list[JSON]
    annotations: list[JSON]
    images: list[JSON]
    refusal: str


class Delta(Message, total=False):
    """What one chunk adds to the assistant message; the spec leaves annotations and images out, the wire has them."""


class Choice(TypedDict, total=False):
    """One choice of a chunk (`delta`) or of a whole completion (`message`)."""

    index: int
    delta: Delta
    message: Message
    finish_reason: str | None
    native_finish_reason: str | None
    error: JSON


class Chunk(TypedDict, total=False):
    """One data event of a stream, or a whole completion."""

    id: str
    object: str
    created: int
    model: str
    provider: str
    choices: list[Choice]
    usage: JSON
    error: JSON


def words(value: Any) -> str | None:
    """Return a value that has to be text, None for anything else: nothing of the wire is trusted to have its shape."""
    return value if isinstance(value, str) and value else None


def fields(value: Any) -> Mapping[str, Any]:
    """Return a value that has to be an object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[JSON]:
    """Return the objects of a value that has to be a list of them."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def base_id(model: str) -> str:
    """Return the model id without dynamic suffixes: `a/b:free:nitro` is `a/b:free` in catalogues and ZDR lists."""
    while model.endswith(DYNAMIC_SUFFIXES):
        model = model.rpartition(":")[0]
    return model
