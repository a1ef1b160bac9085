"""Generations: what one answer cost, looked up afterwards (a cancelled stream sends no usage)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orchat.errors import NoEndpointError, OpenRouterError
from orchat.openrouter.request import Request
from orchat.usage import Usage, amount, flag, spent, whole
from orchat.wire import fields, words

LOOKUP_DELAYS = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts: OpenRouter answers 404 for a moment after an answer has ended."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One row of OpenRouter's books. `cost` in USD, times in milliseconds; None where OpenRouter does not say."""

    id: str
    model: str | None
    provider: str | None
    cost: Decimal | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None
    finish_reason: str | None
    cancelled: bool
    charged: Decimal | None = None
    """What OpenRouter itself took from the credits, in USD."""
    own_key: bool | None = None
    """Whether the caller's own provider key (BYOK) was used."""

    @classmethod
    def from_wire(cls, body: Mapping[str, Any]) -> "Generation":
        """Read the answer of `/generation`."""
        data = fields(body.get("data"))
        return cls(
            id=str(data.get("id") or ""),
            model=words(data.get("model")),
            provider=words(data.get("provider_name")),
            cost=spent(data.get("total_cost"), data.get("upstream_inference_cost"), data.get("is_byok")),
            prompt_tokens=whole(data.get("native_tokens_prompt")),
            completion_tokens=whole(data.get("native_tokens_completion")),
            reasoning_tokens=whole(data.get("native_tokens_reasoning")),
            cached_tokens=whole(data.get("native_tokens_cached")),
            finish_reason=words(data.get("finish_reason")),
            cancelled=bool(data.get("cancelled")),
            charged=amount(data.get("total_cost")),
            own_key=flag(data.get("is_byok")),
        )

    @property
    def usage(self) -> Usage:
        """Its tokens and cost, as they would have come with the answer."""
        return Usage(
            self.prompt_tokens,
            self.completion_tokens,
            self.reasoning_tokens,
            self.cached_tokens,
            self.cost,
            self.charged,
            self.own_key,
        )


def generation_request(generation_id: str) -> Request:
    """Return the look-up of a generation id."""
    return Request("GET", "/generation", query={"id": generation_id})


def not_there_yet(error: OpenRouterError) -> bool:
    """Whether a failed look-up is worth repeating."""
    return error.status == 404 or isinstance(error, NoEndpointError)
