"""The graph: LangChain's agent, put together for one turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import ClearToolUsesEdit, ContextEditingMiddleware, SummarizationMiddleware
from langchain_core.language_models import ModelProfile
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph

from orchat.agent.approvals import Approvals
from orchat.agent.ask import AgentAsk
from orchat.agent.contract import Files, ToolContext
from orchat.agent.limits import STEP, Limits, LookUp, Meter
from orchat.agent.openrouter import ChatOpenRouter
from orchat.agent.tool_runner import ToolRunner
from orchat.agent.toolbox import ReadyTool
from orchat.openrouter import AsyncOpenRouterClient
from orchat.wire import AUTO_MODEL

Graph = CompiledStateGraph[Any, Any, Any, Any]
WINDOW = 128_000
"""Tokens that a model is taken to read where the catalogue does not say, or the auto-router chooses."""
CLEAR_AT, SUMMARISE_AT = 0.5, 0.75
"""How full the window is when old tool results are left out of a request, and when early messages are summarised."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a graph is made of, beside what the person asked for."""

    client: AsyncOpenRouterClient
    summary_client: AsyncOpenRouterClient
    session_id: str
    tools: Sequence[ReadyTool]
    files: Files
    approvals: Approvals
    meter: Meter
    look_up: LookUp
    checkpointer: BaseCheckpointSaver[Any]
    profile: ModelProfile | None = None
    """What the catalogue says the model can do; None where it does not say, or the auto-router chooses."""


def build(ask: AgentAsk, parts: Parts) -> Graph:
    """Return the agent for one turn."""
    window = (parts.profile or {}).get("max_input_tokens") or WINDOW
    summariser = chat_model(ask, parts, parts.summary_client, {})
    model = chat_model(ask, parts, parts.client, ask.parameters).model_copy(update={"tags": [STEP]})
    ready = {tool.info.name: tool for tool in parts.tools}
    return create_agent(
        model,
        [*(tool.tool for tool in parts.tools), *({"type": kind} for kind in ask.server_tools)],
        system_prompt=ask.system_prompt or None,
        middleware=[
            Limits(parts.meter, ask.max_steps, ask.max_cost, parts.look_up),
            SummarizationMiddleware(summariser, trigger=("tokens", round(SUMMARISE_AT * window))),
            ContextEditingMiddleware(edits=[ClearToolUsesEdit(trigger=round(CLEAR_AT * window))]),
            parts.approvals.middleware(),
            ToolRunner(ready, parts.files),
        ],
        context_schema=ToolContext,
        checkpointer=parts.checkpointer,
    )


def chat_model(
    ask: AgentAsk, parts: Parts, client: AsyncOpenRouterClient, parameters: Mapping[str, Any]
) -> ChatOpenRouter:
    """Return the model that a person chose, on the connections of `client`.

    `parameters` are those of its answers: a summary of early messages is held to no form, and to no length.
    """
    return ChatOpenRouter(
        model=ask.asked or AUTO_MODEL,
        zdr=ask.zdr,
        allowed_models=list(ask.auto_router.allowed_models),
        excluded_models=list(ask.auto_router.excluded_models),
        cost_tier=ask.auto_router.cost_tier,
        models=list(ask.fallbacks) or None,
        openrouter_provider=ask.provider.to_wire() or None,
        session_id=parts.session_id,
        openrouter_async_client=client,
        profile=parts.profile,
        **parameters,
    )
