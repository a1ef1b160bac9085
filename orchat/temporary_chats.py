"""Temporary chats while they last: begun, held by the tab that has them, kept after all, or forgotten."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from orchat.errors import RunInProgressError
from orchat.people import LOCAL
from orchat.runs import Runs
from orchat.store import Conversation, DividedStore, Kind
from orchat.workshop import Workshop

UNUSED_FOR = timedelta(hours=4)
"""How long a temporary chat lasts in which nobody says anything, whoever still has it open."""
STOPPED_WITHIN = 30.0
LOOK_EVERY = 15.0
"""Seconds between looks for tabs that have been closed."""


class Hold:
    """A hold on a temporary chat: the chat is forgotten with the last one who has this."""

    def __init__(self, conversation_id: str, end: Callable[[], object]) -> None:
        self.conversation_id = conversation_id
        self._end = weakref.finalize(self, end)
        # At the end of the process the memory goes by itself.
        self._end.atexit = False

    def end(self) -> None:
        """Forget the chat now."""
        self._end()


class TemporaryChats:
    """The temporary chats of one process. None of their text is ever on a disk."""

    def __init__(self, store: DividedStore, runs: Runs, workshop: Workshop) -> None:
        self._store = store
        self._runs = runs
        self._workshop = workshop
        self._holds: weakref.WeakSet[Hold] = weakref.WeakSet()

    def begin(self, owner: str, *, kind: Kind, settings: Mapping[str, Any]) -> tuple[Conversation, Hold]:
        """Start an empty one; it lasts as long as the hold on it."""
        chat = self._store.begin_temporary(owner, kind=kind, settings=settings)
        hold = Hold(chat.id, lambda: self.forget(owner, chat.id))
        self._holds.add(hold)
        return chat, hold

    async def look_for_closed_tabs(self) -> None:
        """While there are any, see to it that those are forgotten whose tab is closed; until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._holds:
                # A session of Streamlit is full of cycles, and its holds go with it: when garbage is next collected.
                await asyncio.to_thread(gc.collect)

    def forget(self, owner: str, conversation_id: str) -> None:
        """Stop its answers and remove everything of it, in the background."""
        # A tab may be let go of when the process has ended its work: nothing is left then.
        if not self._runs.closed:
            self._runs.submit(self._forget(owner, conversation_id))

    async def _forget(self, owner: str, conversation_id: str) -> None:
        runs = self._runs.together(owner, conversation_id)
        for run in runs:
            run.stop()
        for run in runs:
            # Until it is saved, and its cost entered: both need the chat.
            await asyncio.to_thread(run.settled.wait, STOPPED_WITHIN)
        self._runs.forget(owner, conversation_id)
        await asyncio.to_thread(self._store.temporary.forget, owner, conversation_id)
        await asyncio.to_thread(self._workshop.forget, [(owner, conversation_id)])

    def forget_all_of(self, owner: str) -> None:
        """Forget all that a person has in this process; `forget_unused` of the other ones finds that they are gone."""
        for whose, conversation_id in self._store.unused_temporary(timedelta(0)):
            if whose == owner:
                self.forget(owner, conversation_id)

    async def forget_unused(self) -> None:
        """Forget those in which nobody has said anything for long, and those of people who have been removed."""
        for owner, conversation_id in await asyncio.to_thread(self._left_behind):
            await self._forget(owner, conversation_id)

    def _left_behind(self) -> set[tuple[str, str]]:
        every = self._store.unused_temporary(timedelta(0))
        known = {LOCAL.owner, *(person.owner for person in self._store.everybody())} if every else set()
        return {*self._store.unused_temporary(UNUSED_FOR), *(chat for chat in every if chat[0] not in known)}

    def keep(self, owner: str, conversation_id: str) -> Conversation:
        """Move one into the store, with its files and documents; return it as it is there.

        Raises:
            NotFoundError: it is gone.
            RunInProgressError: it is still being answered.
        """
        if self._runs.is_active(owner, conversation_id):
            raise RunInProgressError("This chat is still being answered.")
        kept = self._store.keep(owner, conversation_id)
        self._workshop.keep(owner, conversation_id, kept.id)
        return kept
