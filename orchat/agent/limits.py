"""Limits: what a turn of the agent may cost, and how often it may ask the model."""

from decimal import Decimal
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from orchat.errors import SpendingLimitError, StepLimitError


class Meter(AsyncCallbackHandler):
    """Counts what all model calls of a turn cost, those of its middleware too; unknown costs cannot be counted."""

    def __init__(self, spent: Decimal = Decimal(0), steps: int = 0) -> None:
        """Begin with what an earlier part of the turn, before an approval, has used."""
        self.spent = spent
        self.steps = steps

    async def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Take the cost of a call."""
        for generation in response.generations[0] if response.generations else ():
            if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
                self.spent += cost_of(generation.message) or Decimal(0)


def cost_of(message: AIMessage) -> Decimal | None:
    """Return what a model call cost in US dollars, None when OpenRouter did not say."""
    cost = message.response_metadata.get("cost")
    return None if cost is None else Decimal(str(cost))


class Limits(AgentMiddleware[AgentState[Any], Any, Any]):
    """Ends a turn before a model call that its limits do not allow."""

    def __init__(self, meter: Meter, max_steps: int, max_cost: Decimal | None) -> None:
        super().__init__()
        self._meter = meter
        self._max_steps = max_steps
        self._max_cost = max_cost

    async def abefore_model(self, state: AgentState[Any], runtime: Any) -> None:  # noqa: ARG002 - LangChain's face
        """Raise when a limit is reached."""
        meter = self._meter
        if meter.steps >= self._max_steps:
            raise StepLimitError(f"The agent has asked the model {self._max_steps} times, its limit for one turn.")
        if self._max_cost is not None and meter.spent >= self._max_cost:
            raise SpendingLimitError(
                f"The agent has spent ${meter.spent:.4f}; its limit for one turn is ${self._max_cost}."
            )
        meter.steps += 1
