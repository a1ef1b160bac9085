"""Interpreters: a sandbox for each conversation that runs code, with a folder that stays."""

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path

from orchat.agent.availability import Availability
from orchat.sandbox import Pool, Sandbox
from orchat.sandbox.folders import remove_tree


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

    def of(self, owner: str, conversation_id: str) -> Sandbox:
        """Return the sandbox of a conversation. Blocks for seconds at first use.

        Raises:
            SandboxUnavailableError: nothing on this machine can run code.
            SandboxError: the conversation is somebody else's.
        """
        return self._pool.session(owner, conversation_id, self._folder / conversation_id)

    def forget(self, conversation_ids: Iterable[str]) -> None:
        """End the sandboxes of conversations that are gone, and delete their folders."""
        for conversation_id in conversation_ids:
            self._pool.close(conversation_id)
            with contextlib.suppress(OSError):
                remove_tree(self._folder / conversation_id)

    async def aclose(self) -> None:
        """End all of them; the folders stay."""
        await asyncio.shield(self._pool.aclose())
