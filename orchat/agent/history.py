"""History: the stored messages of a conversation as the model gets them, valid even where a turn was cut short."""

from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from orchat.agent.openrouter.messages import from_wire
from orchat.openrouter.history import is_empty
from orchat.store import Message
from orchat.wire import JSON

NOT_RUN = "This call was not carried out: the turn ended before it."
INTERRUPTED = "This call was interrupted before it gave a result."


def history(messages: Iterable[Message]) -> list[BaseMessage]:
    """Return stored messages as LangChain's, each answer with the model that wrote it."""
    wires = [{**message.wire, "model": message.model_answered} for message in messages]
    return [from_wire(wire) for wire in answered([wire for wire in wires if not is_empty(wire)])]


def answered(wires: Sequence[JSON]) -> list[JSON]:
    """Return messages in which every tool call is followed by its result, and every result follows its call.

    Providers refuse anything else with status 400; a stop, a crash and a question asked over a pending approval leave
    calls without a result behind.
    """
    result: list[JSON] = []
    at = 0
    while at < len(wires):
        wire = wires[at]
        at += 1
        if wire.get("role") == "tool":
            # Its call is not here, or has its result already.
            continue
        result.append(wire)
        if calls := wire.get("tool_calls"):
            found = {}
            while at < len(wires) and wires[at].get("role") == "tool":
                found[wires[at].get("tool_call_id")] = wires[at]
                at += 1
            result += [_result(call, found.get(call["id"])) for call in calls]
    return result


def _result(call: JSON, wire: JSON | None) -> JSON:
    if wire is None:
        return _tool_message(call, NOT_RUN)
    return wire if wire.get("content") else _tool_message(call, INTERRUPTED)


def _tool_message(call: JSON, content: Any) -> JSON:
    return {"role": "tool", "tool_call_id": call["id"], "name": call["function"]["name"], "content": content}
