"""Forecasts: about how many tokens the next request of a chat has, and what it may cost, before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchat.openrouter.estimate import (
    cost_of_answer,
    cost_of_prompt,
    longest_answer,
    tokens_in,
    tokens_of,
    tokens_of_file,
)
from orchat.usage import whole
from orchat.wire import fields, objects

if TYPE_CHECKING:
    from orchat.openrouter import Model
    from orchat.store import Message

FURTHEST = (0.25, 4.0)
"""How far what is estimated may be off before the measure is doubted: pictures, tools and documents are no words."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known of a request before it is sent. Amounts are US dollars, None where the price is not known yet."""

    tokens: int
    """About how many tokens the conversation has."""
    measured: bool
    """Whether that goes back to what OpenRouter has counted for an earlier answer."""
    window: int | None
    """How many tokens the model can read and write; None where that is not known."""
    reading: Decimal | None
    """What it costs to read them."""
    most: Decimal | None
    """What it costs with a long answer."""
    answer: int
    """How many tokens that answer has."""


def forecast(
    branch: Sequence[Message],
    text: str,
    model: Model | None,
    *,
    files: int = 0,
    tools: int = 0,
    system_prompt: str = "",
    parameters: Mapping[str, Any] | None = None,
) -> Forecast:
    """Look ahead: `text` is about to be said below `branch`; `model` is None where the auto-router chooses it.

    `files` is how many tokens those have that go with it, `tools` how many it takes to describe the agent's to the
    model. `parameters` may limit the answer.
    """
    context, measured = context_tokens(branch)
    # What OpenRouter has counted has the system prompt and the tools in it.
    told = 0 if measured else tools + (tokens_in(system_prompt) if system_prompt else 0)
    tokens = context + told + files + (tokens_in(text) if text else 0)
    if model is None or model.is_router:
        return Forecast(tokens, measured, None, None, None, 0)
    reading, writing = cost_of_prompt(model, tokens), cost_of_answer(model, tokens, parameters)
    in_all = None if reading is None or writing is None else reading + writing
    return Forecast(tokens, measured, model.context_length, reading, in_all, longest_answer(model, parameters))


def context_tokens(branch: Sequence[Message]) -> tuple[int, bool]:
    """Return about how many tokens a branch has, and whether OpenRouter has counted the greater part of it.

    What the last answer took and gave is known; only what came after it is estimated, and measured by how far the same
    estimate was off for what that answer took.
    """
    for at in range(len(branch) - 1, -1, -1):
        message = branch[at]
        if message.role == "assistant" and message.prompt_tokens:
            written = max((message.completion_tokens or 0) - (message.reasoning_tokens or 0), 0)
            after = branch[at + 1 :]
            # Of a branch whose beginning was not read there is nothing to compare.
            known = after and branch[0].parent_id is None
            factor = _factor(message.prompt_tokens, _estimated(branch[:at])) if known else 1.0
            return message.prompt_tokens + written + round(_estimated(after) * factor), True
    return _estimated(branch), False


def _estimated(messages: Sequence[Message]) -> int:
    return tokens_of(message.wire for message in messages) + sum(map(tokens_attached, messages))


def tokens_attached(message: Message) -> int:
    """Return about how many tokens the files have that go with a message."""
    attached = objects(fields(message.details).get("attached"))
    files = [(str(file["medium"]), whole(file.get("size")) or 0) for file in attached if "medium" in file]
    return sum(tokens_of_file(medium, size) for medium, size in files)


def _factor(counted: int, estimated: int) -> float:
    least, greatest = FURTHEST
    factor = counted / estimated if estimated else 1.0
    return factor if least <= factor <= greatest else 1.0
