"""Limits: what a turn of the agent may cost, and how often it may ask the model."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from orchat.errors import SpendingLimitError, StepLimitError
from orchat.store import Message

STEP = "orchat:step"
"""The tag of model calls that are steps of the agent; all others are made beside it."""
BESIDE = "beside"
"""The key in the details of a message that waits: what the turn has cost so far and no message shows."""

LookUp = Callable[[str], Awaitable[Decimal | None]]
"""Returns what a generation cost in US dollars, None when OpenRouter does not say."""


class Meter(AsyncCallbackHandler):
    """Counts what all model calls of a turn cost, those of its middleware and its tools too."""

    def __init__(self, earlier: Sequence[Message] = ()) -> None:
        """Begin with what an earlier part of the turn, before an approval, has used."""
        answers = [message for message in earlier if message.role == "assistant"]
        kept = (answers[-1].details or {}).get(BESIDE) if answers else None
        self._beside_before = Decimal(kept or 0)
        self.spent = sum((message.cost or Decimal(0) for message in answers), self._beside_before)
        self.steps = len(answers)
        self.unpriced = [message.generation_id or "" for message in answers if message.cost is None]
        """The generation ids of calls that came without a cost: it is not known, and not zero."""
        self.beside = Decimal(0)
        """The part of it that no message shows: summaries of what no longer fits into the model's window, and what
        tools ask models for."""

    @property
    def beside_in_all(self) -> Decimal:
        """That part, with what came before an approval."""
        return self._beside_before + self.beside

    async def on_llm_end(self, response: LLMResult, *, tags: list[str] | None = None, **_: Any) -> None:
        """Take the cost of a call."""
        for generation in response.generations[0] if response.generations else ():
            if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
                self._take(generation.message, beside=STEP not in (tags or ()))

    def _take(self, message: AIMessage, *, beside: bool) -> None:
        cost = cost_of(message)
        if cost is None:
            self.unpriced.append(str(message.response_metadata.get("id") or ""))
            return
        self.spent += cost
        if beside:
            self.beside += cost

    async def settle(self, look_up: LookUp) -> None:
        """Look up the costs that did not come with their answers; those that stay unknown stay `unpriced`."""
        for generation_id in list(self.unpriced):
            cost = await look_up(generation_id) if generation_id else None
            if cost is not None:
                self.unpriced.remove(generation_id)
                self.spent += cost


def cost_of(message: AIMessage) -> Decimal | None:
    """Return what a model call cost in US dollars, None when OpenRouter did not say."""
    cost = message.response_metadata.get("cost")
    return None if cost is None else Decimal(str(cost))


class Limits(AgentMiddleware[AgentState[Any], Any, Any]):
    """Ends a turn before a model call that its limits do not allow."""

    def __init__(self, meter: Meter, max_steps: int, max_cost: Decimal | None, look_up: LookUp) -> None:
        super().__init__()
        self._meter = meter
        self._max_steps = max_steps
        self._max_cost = max_cost
        self._look_up = look_up

    async def abefore_model(self, state: AgentState[Any], runtime: Any) -> None:  # noqa: ARG002 - LangChain's face
        """Raise when a limit is reached."""
        meter = self._meter
        if meter.steps >= self._max_steps:
            raise StepLimitError(f"The agent has asked the model {self._max_steps} times, its limit for one turn.")
        if self._max_cost is not None:
            await self._check_cost(meter, self._max_cost)
        meter.steps += 1

    async def _check_cost(self, meter: Meter, most: Decimal) -> None:
        if meter.spent < most:
            await meter.settle(self._look_up)
        if meter.spent >= most:
            raise SpendingLimitError(f"The agent has spent ${meter.spent:.4f}; its limit for one turn is ${most}.")
        if meter.unpriced:
            raise SpendingLimitError(
                f"OpenRouter does not say what a call of this turn cost, so that its limit of ${most} cannot be kept."
            )
