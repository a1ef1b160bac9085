"""A model for tools: what they ask it is private as the chat is, in the ledger, and shown with the call."""

from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from orchat.agent.contract import charge
from orchat.agent.limits import cost_of
from orchat.agent.openrouter import ChatOpenRouter
from orchat.ledger import Ledger
from orchat.openrouter import AsyncOpenRouterClient
from orchat.turn import Ask
from orchat.wire import AUTO_MODEL


class ToolModels:
    """Makes the models that the tools of one conversation ask."""

    def __init__(self, ledger: Ledger, client: AsyncOpenRouterClient, ask: Ask) -> None:
        """`ask` is what the person chose: the model, and who may see what is theirs."""
        self._client = ledger.counted(client)
        self._ask = ask

    def __call__(self, model: str | None = None, **parameters: Any) -> ChatOpenRouter:
        """Return a LangChain chat model, the person's own where none is named."""
        provider = {**(parameters.pop("openrouter_provider", None) or {}), **self._ask.provider.excluding.to_wire()}
        return ChatOpenRouter(
            model=model or self._ask.asked or AUTO_MODEL,
            zdr=self._ask.zdr,
            openrouter_provider=provider or None,
            openrouter_async_client=self._client,
            callbacks=[_Costs()],
            **parameters,
        )


class _Costs(BaseCallbackHandler):
    """Adds what a model call costs to the tool call that makes it."""

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Take the cost of a call."""
        for generation in response.generations[0] if response.generations else ():
            if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
                cost = cost_of(generation.message)
                if cost is not None:
                    charge(cost)
