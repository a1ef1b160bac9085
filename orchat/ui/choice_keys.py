"""The choices of a page: the keys of their widgets, which are also their names in the settings of a chat."""

from dataclasses import dataclass

from orchat.agent.ask import MAX_COST, MAX_STEPS

MODEL, AUTO, TIER, ZDR, PROMPT = "model", "auto", "cost_tier", "zdr", "prompt"
"""Widgets whose value has to be set from outside: restored with a chat, put back after a refusal."""
TOOLS, SERVER_TOOLS, COST, STEPS = "tools", "server_tools", "max_cost", "max_steps"
"""The agent's options."""
SYSTEM = "system_prompt"
"""The system prompt, of both pages."""
DOCUMENTS, COMPARED = "documents", "compared"
"""The chat page's switch, and the models that answer side by side there."""
WEB, READING = "web", "pdf_reading"
"""What else goes along on the chat page: a search of the web, and who reads PDF files."""


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """What the agent may use and take; `tools` is None while nobody has chosen: all of them."""

    tools: tuple[str, ...] | None = None
    server_tools: tuple[str, ...] = ()
    max_cost: float = float(MAX_COST)
    max_steps: int = MAX_STEPS
