"""What goes with the next question beside the words of the chat: tools that are described, passages of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchat.ui import resources, session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchat.agent.contract import ToolInfo
    from orchat.agent.toolbox import LoadedPlugin
    from orchat.store import Message


def tools() -> list[ToolInfo]:
    """Return the tools that the agent may use in the open chat."""
    services, wanted = resources.services(), session.current().options.tools
    allow = services.live.rules().allow_tool
    usable = [info for plugin in services.toolbox().plugins() if works(plugin) for info in plugin.tools]
    return [info for info in usable if allow(info.name) and (wanted is None or info.name in wanted)]


def works(plugin: LoadedPlugin) -> bool:
    """Whether what a plugin needs of this machine is there; as long as that is being found out, it may be."""
    report = resources.services().interpreters().availability.known() if plugin.plugin.sandbox else None
    return report is None or report.chosen is not None


def of_tools() -> int:
    """Return about how many tokens it takes to describe the tools of the open chat to the model."""
    return sum(info.tokens for info in tools()) if session.current().kind == "agent" else 0


def of_passages(branch: Sequence[Message]) -> int:
    """Return how many tokens the passages before the next question may have, as far as nobody has counted them yet."""
    if not session.current().documents:
        return 0
    from orchat.sources import MOST_TOKENS, used_by

    counted = next((message for message in reversed(branch) if message.prompt_tokens), None)
    return 0 if counted is not None and used_by(counted) else MOST_TOKENS
