"""What a person asks of the agent, and what they decide about its calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from orchat.turn import Ask

MAX_STEPS = 25
MAX_COST = Decimal("0.50")
ALLOWED_TOOLS = "allowed_tools"
"""The key in a conversation's settings: the tools that may run in it without asking."""


@dataclass(frozen=True, slots=True)
class AgentAsk(Ask):
    """What the person chose for a turn of the agent, beside the model and privacy.

    `tools` are names of tools, `server_tools` types of OpenRouter's own (`openrouter:web_search`); `max_steps` is how
    often the model may be asked, `max_cost` what the turn may cost in US dollars (None: as much as it takes).
    """

    tools: tuple[str, ...] = ()
    server_tools: tuple[str, ...] = ()
    max_steps: int = MAX_STEPS
    max_cost: Decimal | None = MAX_COST


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one call; `arguments` only with edit, `always` only with approve."""

    kind: Literal["approve", "edit", "reject"]
    arguments: Mapping[str, Any] | None = None
    reason: str = ""
    always: bool = field(default=False, kw_only=True)


def names_in(settings: Mapping[str, Any], key: str) -> frozenset[str]:
    """Return a list of names from a conversation's settings, which anybody may have written."""
    names = settings.get(key)
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
