"""What the store keeps of a request to a model: who asked, what left the machine in numbers, what it cost."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypedDict

RequestKind: TypeAlias = Literal["chat", "agent", "title", "summary", "embedding", "rerank", "scan", "tool"]
"""What a request is for."""
CallKind: TypeAlias = Literal[RequestKind, "earlier"]
"""What a request was for; `earlier`: what was spent beside the messages before every request had an entry."""
CallState: TypeAlias = Literal["open", "done", "stopped", "failed", "refused", "cut_off"]
"""`refused`: OpenRouter did not take it, or was not reached: there is nothing to pay. `cut_off`: orchat was ended."""


class CallFields(TypedDict, total=False):
    """What becomes known of a request after it has been sent."""

    state: CallState
    model_answered: str | None
    provider: str | None
    generation_id: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None
    cost: Decimal | None
    charged: Decimal | None
    reserved: Decimal | None
    own_key: bool | None
    zdr_listed: bool | None
    against_rules: str | None
    error: str | None
    first_token_ms: int | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a model. It outlives the conversation that it was made for, and holds nothing of its content."""

    id: str
    owner: str
    kind: CallKind
    started_at: datetime
    day: date
    """The day it counts for, in UTC: OpenRouter's own days."""
    conversation_id: str | None = None
    message_id: str | None = None
    state: CallState = "open"
    model_asked: str | None = None
    model_answered: str | None = None
    provider: str | None = None
    generation_id: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost: Decimal | None = None
    """US dollars in all. None: OpenRouter has not said, or not yet."""
    charged: Decimal | None = None
    """What OpenRouter took from the credits: less than `cost` where the caller's own provider key pays."""
    reserved: Decimal | None = None
    """What it may cost at most; budgets keep that free for it until its cost is known."""
    own_key: bool | None = None
    """Whether the caller's own provider key (BYOK) was used."""
    personal_key: bool | None = None
    """Whether it went out with an OpenRouter key of the person's own; None: before that was noted."""
    zdr: bool = False
    """Whether zero data retention was asked for."""
    zdr_listed: bool | None = None
    """Whether the endpoint that answered was on OpenRouter's list of those with zero data retention at that time."""
    against_rules: str | None = None
    """`model` or `provider`: it answered although the operator forbids it."""
    simulated: bool = False
    error: str | None = None
    first_token_ms: int | None = None
    duration_ms: int | None = None
    sent: dict[str, Any] | None = None
    """What left the machine, in numbers and names: messages, characters, files, tools, plugins, preferences."""
    lookups: int = 0
    """How often its cost was asked for afterwards."""

    @property
    def unknown(self) -> bool:
        """Whether it may have cost something that nobody knows."""
        return self.cost is None and self.state != "refused"
