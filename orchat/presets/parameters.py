"""Parameters that a person may set, shaped by what the chosen model takes. Unset means not sent.

Source: https://openrouter.ai/docs/api_reference/parameters and `supported_parameters` of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchat.usage import whole
from orchat.wire import JSON, fields

if TYPE_CHECKING:
    from orchat.openrouter import Model

REASONING, BUDGET, STOP, VERBOSITY, MAX_TOKENS = "reasoning", "reasoning_budget", "stop", "verbosity", "max_tokens"
"""Names under which what is set is kept; the first two are one parameter on the wire."""
OFF, BY_BUDGET = "off", "budget"
"""Of reasoning, beside the efforts: not at all, and at most as many tokens as the budget says."""
EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")
VERBOSITIES = ("low", "medium", "high")
MOST_STOPS = 4
LEAST_BUDGET = 1024
LARGEST = 2**53 - 1
"""The largest whole number that a browser knows exactly."""
FOR_ROUTERS = frozenset({"temperature", "top_p", MAX_TOKENS, "seed", STOP})
"""What no model refuses: one that does not take it leaves it out of account. Reasoning it may refuse to leave."""


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter that is a number from `least` to `most`."""

    name: str
    label: str
    about: str
    least: float
    most: float
    step: float
    whole: bool = False


NUMBERS = (
    Number("temperature", "Temperature", "Low: the likely words. High: more variety.", 0.0, 2.0, 0.1),
    Number("top_p", "Top P", "Only the likeliest words that together have this share are chosen from.", 0.0, 1.0, 0.05),
    # Some providers reject fewer.
    Number(MAX_TOKENS, "Max tokens", "The answer ends here, reasoning included.", 16, 10_000_000, 256, whole=True),
    Number("seed", "Seed", "The same seed gives the same answer, where the provider can.", 0, LARGEST, 1, whole=True),
    Number("frequency_penalty", "Frequency penalty", "Above 0: words that came often come less.", -2.0, 2.0, 0.1),
    Number("presence_penalty", "Presence penalty", "Above 0: words that came come less.", -2.0, 2.0, 0.1),
)
LABELS = {each.name: each.label for each in NUMBERS} | {
    REASONING: "Reasoning",
    BUDGET: "Reasoning tokens",
    STOP: "Stop texts",
    VERBOSITY: "Verbosity",
}


@dataclass(frozen=True, slots=True)
class Wire:
    """What is sent of the parameters that are set, and what is not, by label."""

    sent: JSON
    left_out: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Sentences: what goes out otherwise than it was set."""


def offered(model: Model | None, *, auto: bool) -> frozenset[str]:
    """Return the names of the parameters that can be set for a model, or for whichever the auto-router chooses."""
    if auto or model is None or model.is_router:
        return FOR_ROUTERS
    found = {name for name in LABELS if model.supports(name)}
    return frozenset(found | {BUDGET} if BY_BUDGET in efforts(model) else found)


def efforts(model: Model | None) -> tuple[str, ...]:
    """Return what reasoning can be set to: off where the model allows it, its efforts, a budget of tokens.

    Source: https://openrouter.ai/docs/guides/best-practices/reasoning-tokens.
    """
    if model is None or not model.supports(REASONING):
        return ()
    known = model.reasoning or {}
    named = known.get("supported_efforts")
    taken = [effort for effort in EFFORTS if not isinstance(named, list) or effort in named]
    # What is not said to be free to go may be mandatory, and a request without it is refused then.
    off = [OFF] if known.get("mandatory") is False else []
    return (*off, *taken, *([BY_BUDGET] if known.get("supports_max_tokens") else []))


def most_tokens(model: Model | None) -> int | None:
    """Return how many tokens an answer of a model can have at most, None where that is not known."""
    provider = fields(model.raw.get("top_provider")) if model is not None else {}
    return whole(provider.get("max_completion_tokens"))


def to_wire(chosen: Mapping[str, Any], model: Model | None, *, auto: bool) -> Wire:
    """Return what is sent of the parameters that are set.

    What the model does not take is left out: an endpoint would ignore it, or refuse the request.
    """
    can = offered(model, auto=auto)
    wanted = {name: value for name, value in cleaned(chosen).items() if name != BUDGET}
    left_out = [LABELS[name] for name in wanted if name not in can]
    sent = {name: value for name, value in wanted.items() if name in can}
    changed = []
    most = most_tokens(None if auto else model)
    if most is not None and sent.get(MAX_TOKENS, 0) > most:
        # An endpoint that cannot give as many is passed over.
        sent[MAX_TOKENS] = most
        changed.append(f"Max tokens: {most:,}, which is all that the model can give.")
    if REASONING in sent:
        reasoning = _reasoning(sent.pop(REASONING), chosen, model, sent.get(MAX_TOKENS))
        if isinstance(reasoning, str):
            changed.append(reasoning)
        elif reasoning is None:
            left_out.append(LABELS[REASONING])
        else:
            sent[REASONING] = reasoning
    return Wire(sent, tuple(left_out), tuple(changed))


def _reasoning(wanted: str, chosen: Mapping[str, Any], model: Model | None, limit: int | None) -> JSON | str | None:
    """Return the object that is sent; why a budget is not; None where the model does not take it."""
    if wanted not in efforts(model):
        return None
    if wanted == OFF:
        return {"enabled": False}
    if wanted != BY_BUDGET:
        return {"effort": wanted}
    budget = max(LEAST_BUDGET, int(chosen.get(BUDGET) or LEAST_BUDGET))
    if limit is not None and budget >= limit:
        return f"Reasoning tokens: not sent, since max tokens ({limit:,}) has to be more than they are."
    return {"max_tokens": budget}


def cleaned(chosen: Any) -> JSON:
    """Return what can be used of parameters that anybody may have written: each within its limits."""
    given = fields(chosen)
    kept: JSON = {}
    for number in NUMBERS:
        value = given.get(number.name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        # Not a number is in no range.
        if number.least <= value <= number.most:
            kept[number.name] = int(value) if number.whole else float(value)
    texts = given.get(STOP)
    if isinstance(texts, list) and (stops := [text for text in texts if isinstance(text, str) and text]):
        kept[STOP] = stops[:MOST_STOPS]
    for name, values in ((REASONING, (OFF, BY_BUDGET, *EFFORTS)), (VERBOSITY, VERBOSITIES)):
        if given.get(name) in values:
            kept[name] = given[name]
    budget = whole(given.get(BUDGET))
    if budget is not None and budget >= LEAST_BUDGET:
        kept[BUDGET] = budget
    return kept
