"""Interpreters: a sandbox for each conversation that runs code, with a folder that stays."""

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path

from orchat.agent.availability import Availability
from orchat.errors import SandboxError, SandboxUnavailableError
from orchat.sandbox import Pool, Sandbox, Workspace
from orchat.sandbox.engine import NOT_IN_MEMORY, Engine
from orchat.sandbox.folders import remove_tree
from orchat.sandbox.memory import scratch_in_memory
from orchat.temporary import is_temporary

MOST_IN_MEMORY = 4
"""Interpreters of temporary conversations at once."""


class Interpreters:
    """The sandboxes of all conversations. Thread-safe."""

    def __init__(self, availability: Availability, folder: Path) -> None:
        """`availability` is asked when code is run for the first time; below `folder` each conversation has its own."""
        self.availability = availability
        self._folder = folder
        settings = availability.settings
        self._pool = Pool(
            availability.engine,
            per_owner=settings.sandbox_each,
            total=settings.sandbox_total,
            idle_after=60 * settings.sandbox_idle,
        )
        # Nothing is started ahead: what waits has its folder on the disk.
        self._in_memory = Pool(self._engine_in_memory, warm=0, total=MOST_IN_MEMORY)

    def _engine_in_memory(self) -> Engine:
        scratch = scratch_in_memory()
        if scratch is None:
            raise SandboxUnavailableError(f"{NOT_IN_MEMORY} this machine has no folder in memory (/dev/shm).")
        return self.availability.engine().in_memory(scratch)

    @property
    def reach(self) -> str:
        """What code may reach over the network, in words; empty for nothing, or while that is being found out."""
        report = self.availability.known()
        return report.reach if report else ""

    @property
    def live(self) -> int:
        """How many conversations have an interpreter."""
        return self._pool.live + self._in_memory.live

    def of(self, owner: str, conversation_id: str) -> Sandbox:
        """Return the sandbox of a conversation. Blocks for seconds at first use.

        Raises:
            SandboxUnavailableError: nothing on this machine can run code, or not with its files in memory.
            SandboxError: the conversation is somebody else's.
        """
        if is_temporary(conversation_id):
            self._in_memory.engine()
            return self._in_memory.session(owner, conversation_id, _folder_in_memory(conversation_id))
        return self._pool.session(owner, conversation_id, self._folder / conversation_id)

    def forget(self, conversation_ids: Iterable[str]) -> None:
        """End the sandboxes of conversations that are gone, and delete their folders."""
        for conversation_id in conversation_ids:
            in_memory = is_temporary(conversation_id)
            (self._in_memory if in_memory else self._pool).close(conversation_id)
            with contextlib.suppress(OSError):
                if not in_memory:
                    remove_tree(self._folder / conversation_id)
                elif scratch_in_memory() is not None:
                    remove_tree(_folder_in_memory(conversation_id))

    def keep(self, conversation_id: str, kept_id: str) -> None:
        """Copy the files of a temporary conversation to where those of a kept one are."""
        if scratch_in_memory() is None or not (folder := _folder_in_memory(conversation_id)).is_dir():
            return
        there = self._folder / kept_id
        there.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = Workspace(folder)
        for name in files:
            # What is in a folder of its own or too large stays behind: the chat itself has what it has shown.
            with contextlib.suppress(SandboxError):
                Workspace(there).write(name, files.read(name))

    async def aclose(self) -> None:
        """End all of them; the folders stay."""
        await asyncio.shield(asyncio.gather(self._pool.aclose(), self._in_memory.aclose()))


def _folder_in_memory(conversation_id: str) -> Path:
    scratch = scratch_in_memory()
    assert scratch is not None
    return scratch.path / conversation_id
