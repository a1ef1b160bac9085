"""The workshop: the tools of the agent, the interpreters they run code in and the documents they search.

Each is made when it is first asked for, since LangChain takes longer than everything else at the start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchat.choices import Login
from orchat.library import Library
from orchat.live_settings import LiveSettings
from orchat.settings import Settings
from orchat.store import Store
from orchat.wire import fields

if TYPE_CHECKING:
    from orchat.agent.interpreters import Interpreters
    from orchat.agent.toolbox import Toolbox

Submit = Callable[[Coroutine[Any, Any, Any]], "Future[Any]"]
"""Runs a coroutine on the loop that all of them share."""


def tool_settings_name(plugin: str) -> str:
    """Return the name under which the store keeps what a person has set for a plugin."""
    return f"tool:{plugin}"


def is_set_for_all(settings: Settings, plugin: str) -> bool:
    """Whether a plugin's settings are the operator's alone: a secret of theirs would go to an address of somebody's."""
    return settings.login is not Login.NONE and bool(settings.tool_settings.get(plugin))


class Workshop:
    """Toolbox, interpreters and library of one process."""

    def __init__(
        self, live: LiveSettings, store: Store, submit: Submit, folders: Sequence[Path], *, loopback_only: bool
    ) -> None:
        """`folders` have the plugins; `loopback_only`: nobody but this machine reaches the page."""
        self._live = live
        self._settings = live.environment
        self._store = store
        self._submit = submit
        self._folders = folders
        self._loopback_only = loopback_only

    @cached_property
    def library(self) -> Library:
        """The documents that people have added."""
        return Library.of_settings(self._settings, self._store, self._live.rules)

    @cached_property
    def interpreters(self) -> Interpreters:
        """The interpreters of the conversations; nothing is started before code is run."""
        from orchat.agent.availability import Availability
        from orchat.agent.interpreters import Interpreters

        available = Availability(self._settings, loopback_only=self._loopback_only)
        return Interpreters(available, self._settings.workspaces)

    @property
    def live_interpreters(self) -> int:
        """How many conversations have an interpreter; asking makes nothing."""
        return self.interpreters.live if "interpreters" in self.__dict__ else 0

    @cached_property
    def toolbox(self) -> Toolbox:
        """The tools that people have dropped in; reading them for the first time loads LangChain."""
        from orchat.agent.mcp import MCPServers
        from orchat.agent.toolbox import Toolbox

        path = self._settings.mcp_config
        servers = MCPServers(path, self._submit) if path else None
        folders = (*self._folders, *self._settings.tools_dirs)
        return Toolbox(folders, run=self._submit, settings=self._tool_settings, mcp=servers, rules=self._live.rules)

    def _tool_settings(self, owner: str, plugin: str) -> Mapping[str, Any]:
        """What the operator has set for a plugin, and over it what the owner has where that is theirs to set."""
        operators = self._settings.tool_settings.get(plugin, {})
        if not owner or is_set_for_all(self._settings, plugin):
            return operators
        return {**operators, **fields(self._store.preference(owner, tool_settings_name(plugin)))}

    def forget(self, chats: Iterable[tuple[str, str]]) -> None:
        """Delete what tools have kept for chats that are gone, each given by its owner and its id."""
        chats = list(chats)
        self.interpreters.forget(conversation_id for _, conversation_id in chats)
        self.library.forget(chats)

    def keep(self, owner: str, conversation_id: str, kept_id: str) -> None:
        """Copy what tools have kept for a temporary chat to a chat that is kept."""
        made = self.__dict__
        if "interpreters" in made:
            self.interpreters.keep(conversation_id, kept_id)
        if "library" in made:
            self.library.keep(owner, conversation_id, kept_id)

    async def aclose(self) -> None:
        """Let go of what has been made."""
        made = self.__dict__
        if "toolbox" in made:
            await self.toolbox.aclose()
        if "interpreters" in made:
            await self.interpreters.aclose()
        if "library" in made:
            await asyncio.to_thread(self.library.close)
