"""The choices of a page: the keys of their widgets, which are also their names in the settings of a chat."""

from dataclasses import dataclass

from orchat.agent.ask import MAX_COST, MAX_STEPS

MODEL, AUTO, TIER, ZDR, PROMPT = "model", "auto", "cost_tier", "zdr", "prompt"
"""Widgets whose value has to be set from outside: restored with a chat, put back after a refusal."""
TOOLS, SERVER_TOOLS, SYSTEM, COST, STEPS = "tools", "server_tools", "system_prompt", "max_cost", "max_steps"
"""The agent's options."""
DOCUMENTS = "documents"
"""The chat page's switch."""
WEB, READING = "web", "pdf_reading"
"""What else goes along on the chat page: a search of the web, and who reads PDF files."""


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """What the agent may use and take; `tools` is None while nobody has chosen: all of them."""

    tools: tuple[str, ...] | None = None
    server_tools: tuple[str, ...] = ()
    system_prompt: str = ""
    max_cost: float = float(MAX_COST)
    max_steps: int = MAX_STEPS
