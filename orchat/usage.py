"""Usage: the tokens of an answer and what it cost, as OpenRouter says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

from orchat.wire import JSON, fields

LARGEST_EXPONENT = 15
"""Amounts are between 1e-15 and 1e15 US dollars; what is outside was not written by OpenRouter."""

PLACES = 12
"""Digits behind the point of an amount of US dollars, as many as the ledger has."""


class UsageFields(TypedDict):
    """Tokens and cost as they are kept with a message and in the ledger."""

    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, and the cost in USD. None means that OpenRouter did not say: it is never taken for 0.

    `reasoning_tokens` is meant as a part of `completion_tokens` and `cached_tokens` of `prompt_tokens`, but recordings
    exist in which the part is larger than the whole.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost: Decimal | None = None
    charged: Decimal | None = None
    """What OpenRouter itself took from the credits: less than `cost` where the caller's own provider key pays."""
    own_key: bool | None = None
    """Whether the caller's own provider key (BYOK) was used."""
    raw: JSON = field(default_factory=dict, compare=False)

    @classmethod
    def from_wire(cls, usage: Mapping[str, Any]) -> "Usage":
        """Read the `usage` object of a chunk or completion."""
        return cls(
            prompt_tokens=whole(usage.get("prompt_tokens")),
            completion_tokens=whole(usage.get("completion_tokens")),
            reasoning_tokens=whole(fields(usage.get("completion_tokens_details")).get("reasoning_tokens")),
            cached_tokens=whole(fields(usage.get("prompt_tokens_details")).get("cached_tokens")),
            cost=spent(
                usage.get("cost"),
                fields(usage.get("cost_details")).get("upstream_inference_cost"),
                usage.get("is_byok"),
            ),
            charged=amount(usage.get("cost")),
            own_key=flag(usage.get("is_byok")),
            raw=dict(usage),
        )

    def known(self) -> UsageFields:
        """Return it as it is kept with a message and in the ledger."""
        return UsageFields(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            reasoning_tokens=self.reasoning_tokens,
            cached_tokens=self.cached_tokens,
            cost=self.cost,
        )


def spent(cost: Any, upstream: Any, is_byok: bool | None) -> Decimal | None:
    """Return what a call cost in USD, or None where that is not known.

    With the caller's own provider key (BYOK) `cost` is OpenRouter's fee only and the provider's bill comes on top;
    otherwise the upstream cost is contained in `cost`. Server-tool runs leave `is_byok` out: then a cost below the
    upstream cost tells. A fee whose provider's bill is missing is no cost at all: most often it is 0. Source:
    https://openrouter.ai/docs/cookbook/administration/usage-accounting.
    """
    fee, bill = amount(cost), amount(upstream)
    if fee is None or bill is None:
        return None if is_byok else fee
    own_key = fee < bill if is_byok is None else is_byok
    return fee + bill if own_key else fee


def flag(value: Any) -> bool | None:
    """Return a boolean of a JSON body, None for anything that is none."""
    return value if isinstance(value, bool) else None


def whole(value: Any) -> int | None:
    """Return a count of a JSON body, None for anything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def decimal(value: Any) -> Decimal | None:
    """Return a JSON number or numeric string as an exact decimal, None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= LARGEST_EXPONENT else None


def amount(value: Any) -> Decimal | None:
    """Return what was spent, by a JSON body: OpenRouter adds up floating-point numbers, whose noise is left out."""
    exact = decimal(value)
    if exact is None or exact == (rounded := round(exact, PLACES)):
        return exact
    return rounded.normalize()
