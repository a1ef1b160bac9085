"""Continuing: an answer that was cut short goes on in a message below it, written by whichever model is chosen now."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from orchat.sources import Source, put_before, used_by
from orchat.store import Message, Store
from orchat.store.records import CONTINUES
from orchat.wire import JSON

INSTRUCTION = (
    "Your last answer was cut off. Continue it exactly where it stopped, even in the middle of a word: "
    "repeat nothing of it, and add no introduction."
)
CUT = frozenset({"stopped", "cut_off", "failed"})
_PREFILLED = re.compile(r"anthropic/claude-(?:3|(?:opus|sonnet|haiku)-4(?:\.[015])?(?![.\d]))")
"""Models that go on with an answer which ends the request. Claude from 4.6 on answers that with status 400, others
begin anew without a word about it, and no list says which do what: so only what is known to work is relied on."""

History = list[tuple[JSON, str | None]]
"""Messages as they are sent, each with the model that wrote it."""


def can_go_on(message: Message) -> bool:
    """Whether an answer ended before its end, with something there to go on from."""
    cut = message.state in CUT or message.finish_reason == "length"
    return message.role == "assistant" and cut and bool(message.text.strip()) and not message.wire.get("tool_calls")


def go_on(store: Store, owner: str, message_id: str) -> Message:
    """Keep below a cut answer what the model is told; the answer to that is the rest. Raises NotFoundError."""
    cut = store.message(owner, message_id)
    wire = {"role": "user", "content": INSTRUCTION}
    details = {CONTINUES: cut.id}
    return store.add_message(owner, cut.conversation_id, role="user", wire=wire, parent_id=cut.id, details=details)


def sources_again(branch: Sequence[Message]) -> list[Source]:
    """Return the passages that a cut answer was given, where the branch ends with the word to go on with it."""
    return used_by(branch[-2]) or [] if goes_on(branch) else []


def goes_on(branch: Sequence[Message]) -> bool:
    """Whether the branch ends with the word to go on with a cut answer."""
    return len(branch) > 1 and branch[-1].is_instruction


def history(branch: Sequence[Message], sent: History, model: str | None, parameters: Mapping[str, Any]) -> History:
    """Return a branch as it is sent to `model`; `sent` are its messages with their files in place.

    To go on with a cut answer the passages that it was given stand before its question again. Where the model goes on
    by itself with an answer at the end, that is the end; elsewhere the instruction is, and the answer stays a message
    of its own, so that its reasoning details are sent as they came. Source:
    https://openrouter.ai/docs/api-reference/overview and the models' own refusals.
    """
    sent = list(sent)
    if not goes_on(branch):
        return sent
    asked = [at for at, message in enumerate(branch) if message.role == "user" and not message.is_instruction]
    if asked and (sources := sources_again(branch)):
        sent[asked[-1]] = put_before(sent[asked[-1]][0], sources), None
    cut = sent[-2][0]
    thought = any(cut.get(part) for part in ("reasoning", "reasoning_details")) or parameters.get("reasoning")
    if prefills(model) and not thought and isinstance(cut.get("content"), str):
        # Space at the very end is refused.
        sent[-2:] = [({**cut, "content": cut["content"].rstrip()}, branch[-2].model_answered)]
    return sent


def answers(branch: Iterable[Message]) -> Iterator[list[Message]]:
    """Yield a branch as it is read: an answer and what continues it are one part, every other message is one by itself.

    What the model was told to go on is in none of them.
    """
    part: list[Message] = []
    told = False
    for message in branch:
        if message.is_instruction:
            told = True
            continue
        # An agent that calls a tool first does not go on with the sentence.
        if told and part and part[-1].role == message.role == "assistant" and not message.wire.get("tool_calls"):
            part.append(message)
        else:
            if part:
                yield part
            part = [message]
        told = False
    if part:
        yield part


def begun(branch: Sequence[Message]) -> list[Message]:
    """Return the parts of the answer that goes on below the end of a branch; none where nothing goes on there."""
    parts = [*answers(branch)][-1:] if goes_on(branch) else []
    return parts[0] if parts and parts[0][-1].role == "assistant" else []


def joined(parts: Iterable[Message]) -> str:
    """Return what an answer and what continues it say together."""
    text = ""
    for message in parts:
        text = joined_with(text, message.text, message.model_asked)
    return text


def joined_with(begun: str, rest: str, model: str | None) -> str:
    """Return the beginning of an answer and the rest of it by `model` as one text, which begins as `begun` does.

    They are put together as they are: the rest may begin in the middle of a word. Space at the end of the beginning is
    left out where the model was not sent it, and wrote it itself.
    """
    return (begun.rstrip() if prefills(model) and rest[:1].isspace() else begun) + rest


def prefills(model: str | None) -> bool:
    """Whether a model goes on with an answer that ends the request."""
    return _PREFILLED.match(model or "") is not None
