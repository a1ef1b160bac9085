"""Departure: everything of a person removed for good. What they have cost stays counted, without a name."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import delete, func, select, update

from orchat.budgets import Scope
from orchat.store.limits import LimitStore
from orchat.store.shared_tables import asked, shared_runs
from orchat.store.tables import (
    blobs,
    budgets,
    calls,
    conversations,
    files,
    messages,
    people,
    preferences,
    presets,
    sealed_texts,
)

OF_A_PERSON = (presets, preferences, sealed_texts, asked, shared_runs, files, blobs, people)
"""Tables whose rows are theirs; what belongs to a chat goes with it."""
NOBODY = "gone-"
"""How an owner begins who is only known to have spent something."""


@dataclass(frozen=True, slots=True)
class Departure:
    """What goes with a person: numbers, and nothing of what it is about."""

    chats: int
    messages: int
    file_bytes: int
    presets: int
    shared_presets: int
    """Those that everybody has: they go to whoever deletes the person."""


class DepartureStore(LimitStore):
    """The part of the store that removes people; for operators only."""

    def departure(self, owner: str) -> Departure:
        """What `remove_person` would remove now, deleted chats among it."""
        said = select(func.count()).select_from(messages.join(conversations)).where(conversations.c.owner == owner)
        sizes = select(func.sum(func.length(blobs.c.data))).where(blobs.c.owner == owner)
        mine = select(func.count()).where(presets.c.owner == owner)
        questions = (
            select(func.count()).where(conversations.c.owner == owner),
            said,
            sizes,
            mine.where(~presets.c.shared),
            mine.where(presets.c.shared),
        )
        with self._reading() as connection:
            return Departure(*(int(connection.execute(question).scalar() or 0) for question in questions))

    def remove_person(self, owner: str, *, heir: str) -> list[tuple[str, str]]:
        """Remove everything of a person; what they share becomes `heir`'s. Returns owner and id of each chat.

        The ledger keeps what was spent, under a name that says nothing. The audit log stays as it is.
        """
        gone = self._purge(conversations.c.owner == owner)
        with self._writing() as connection:
            connection.execute(update(presets).where(presets.c.owner == owner, presets.c.shared).values(owner=heir))
            for table in OF_A_PERSON:
                connection.execute(delete(table).where(table.c.owner == owner))
            connection.execute(delete(budgets).where(budgets.c.scope == Scope.USER, budgets.c.subject == owner))
            nameless = update(calls).where(calls.c.owner == owner)
            connection.execute(nameless.values(owner=f"{NOBODY}{uuid4().hex[:12]}", conversation_id=None))
        self._empty_log()
        return gone
