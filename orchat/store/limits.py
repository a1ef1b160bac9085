"""What is limited: how often a person asks, how much they keep, and for how long anything is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, select, text

from orchat.budgets import Scope
from orchat.store.database import Database
from orchat.store.files import UNUSED_BLOBS
from orchat.store.shared_tables import asked
from orchat.store.tables import budgets, conversations, files, messages

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext(:owner))")


@dataclass(frozen=True, slots=True)
class Outdated:
    """Chats of one person that nobody has written in for long: numbers, and nothing of what they are about."""

    owner: str
    chats: int
    messages: int
    file_bytes: int
    oldest: datetime
    """When the one was last written in that has been left for longest."""
    newest: datetime


class LimitStore(Database):
    """The part of the store that counts. What names no owner is for upkeep and operators only."""

    def take_turn(self, owner: str, most: int, within: timedelta) -> timedelta | None:
        """Note that a person asks; return None, or how long they have to wait if they have asked `most` times within.

        Who has to wait is not counted. Replicas count together.
        """
        with self._writing() as connection:
            if self.shared:
                connection.execute(_ONE_AT_A_TIME, {"owner": owner})
            # Now, and not before: who had the lock until now has asked earlier.
            now = self._now()
            # What a clock that was set back has left far in the future would lock them out for as long.
            recent = and_(asked.c.at > now - within, asked.c.at <= now + within)
            connection.execute(delete(asked).where(asked.c.owner == owner, ~recent))
            count = select(func.count(), func.min(asked.c.at)).where(asked.c.owner == owner, recent)
            number, first = connection.execute(count).one()
            if number >= most:
                until: datetime = first + within
                return max(timedelta(seconds=1), until - now)
            connection.execute(insert(asked), {"owner": owner, "at": now})
        return None

    def kept_bytes(self, owner: str) -> int:
        """How many bytes a person's files have, the same content once, without those of deleted chats."""
        theirs = select(files.c.sha256, func.max(files.c.size).label("size")).join(conversations)
        theirs = theirs.where(files.c.owner == owner, conversations.c.deleted_at.is_(None)).group_by(files.c.sha256)
        with self._reading() as connection:
            return int(connection.execute(select(func.sum(theirs.subquery().c.size))).scalar() or 0)

    def conversation_ids(self, owner: str) -> list[str]:
        """The ids of all conversations of a person that are not deleted."""
        query = select(conversations.c.id).where(conversations.c.owner == owner, conversations.c.deleted_at.is_(None))
        with self._reading() as connection:
            return list(connection.scalars(query))

    def outdated(self, older_than: timedelta) -> list[Outdated]:
        """What `purge_outdated` would delete, by owner."""
        c, due = conversations.c, self._is_outdated(older_than)
        chats = select(c.owner, func.count(), func.min(c.updated_at), func.max(c.updated_at)).where(due)
        with self._reading() as connection:
            written = _by_owner(connection, select(c.owner, func.count()).join(messages).where(due))
            kept = _by_owner(connection, select(c.owner, func.sum(files.c.size)).join(files).where(due))
            rows = connection.execute(chats.group_by(c.owner).order_by(c.owner)).all()
        return [
            Outdated(owner, count, written.get(owner, 0), kept.get(owner, 0), oldest, newest)
            for owner, count, oldest, newest in rows
        ]

    def purge_outdated(self, older_than: timedelta) -> list[tuple[str, str]]:
        """Remove chats for good that nobody has written in for so long; returns owner and id of each."""
        return self._purge(self._is_outdated(older_than))

    def _is_outdated(self, older_than: timedelta) -> ColumnElement[bool]:
        return conversations.c.updated_at < self._now() - older_than

    def _purge(self, is_due: ColumnElement[bool]) -> list[tuple[str, str]]:
        with self._writing() as connection:
            due = connection.execute(select(conversations.c.owner, conversations.c.id).where(is_due)).all()
            ids = [conversation_id for _, conversation_id in due]
            connection.execute(delete(messages).where(messages.c.conversation_id.in_(ids)))
            connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
            connection.execute(delete(budgets).where(budgets.c.scope == Scope.CHAT, budgets.c.subject.in_(ids)))
            connection.execute(UNUSED_BLOBS)
        if due:
            self._forget_words()
            # SQLite's log still holds the text of what was purged.
            self._empty_log()
        return [(owner, conversation_id) for owner, conversation_id in due]

    def _forget_words(self) -> None:
        """Write SQLite's search index anew: what was deleted stays in it until then. PostgreSQL cleans up by itself."""
        if not self.shared:
            with self._writing() as connection:
                connection.execute(text("INSERT INTO message_search (message_search) VALUES ('optimize')"))


def _by_owner(connection: Connection, query: Select[str, int]) -> dict[str, int]:
    return {owner: int(number or 0) for owner, number in connection.execute(query.group_by(conversations.c.owner))}
