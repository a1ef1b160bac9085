"""History: earlier messages made fit to be sent again, maybe to another model. No I/O."""

from collections.abc import Iterable, Mapping
from typing import Any

from orchat.wire import AUTO_MODEL, JSON, base_id

NOT_SENT = frozenset({"reasoning", "model"})


def sendable(messages: Iterable[tuple[Mapping[str, Any], str | None]], model: str | None) -> list[JSON]:
    """Return messages, each with the model that wrote it (None for a person), as they are sent to `model`.

    Empty answers (failed, or stopped before the first word) are left out. Reasoning is echoed only to the maker that
    wrote it: others reject its signatures. Where other models stand in for `model`, it is still its own maker that
    counts: a tool loop cannot go on without it, and a stand-in that refuses it is passed over like one that is down.
    Source: https://openrouter.ai/docs/guides/best-practices/reasoning-tokens.
    """
    return [_sent(message, author, model) for message, author in messages if not is_empty(message)]


def is_empty(message: Mapping[str, Any]) -> bool:
    """Whether it is an answer without anything in it, which providers refuse."""
    if message.get("role") != "assistant":
        return False
    return not any(message.get(part) for part in ("content", "tool_calls", "images"))


def _sent(message: Mapping[str, Any], author: str | None, model: str | None) -> JSON:
    sent = {key: value for key, value in message.items() if key not in NOT_SENT}
    if "reasoning_details" in sent and not _same_maker(author, model):
        del sent["reasoning_details"]
    return sent


def _same_maker(author: str | None, model: str | None) -> bool:
    if not author or not model or base_id(model) == AUTO_MODEL:
        return False
    return author.partition("/")[0].lstrip("~") == model.partition("/")[0].lstrip("~")
