"""What orchat does for the whole database, on nobody's behalf: the only methods that name no owner."""

from datetime import timedelta

from sqlalchemy import delete, literal, select, update

from orchat.store.access import MESSAGE_COLUMNS, to_message
from orchat.store.database import Database
from orchat.store.files import UNUSED_BLOBS
from orchat.store.records import Message
from orchat.store.tables import conversations, messages

LOOKED_UP_FOR = timedelta(days=1)
"""How long after an answer its cost is still asked for."""


class Upkeep(Database):
    """The part of the store that cleans up, for all owners at once."""

    def ping(self) -> None:
        """Ask the database for nothing, to know whether it answers."""
        with self._reading() as connection:
            connection.execute(select(literal(1)))

    def purge_deleted(self, older_than: timedelta) -> list[tuple[str, str]]:
        """Remove for good what was deleted longer ago than this. Returns owner and id of each conversation."""
        is_due = conversations.c.deleted_at < self._now() - older_than
        with self._writing() as connection:
            due = connection.execute(select(conversations.c.owner, conversations.c.id).where(is_due)).all()
            ids = [conversation_id for _, conversation_id in due]
            connection.execute(delete(messages).where(messages.c.conversation_id.in_(ids)))
            connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
            connection.execute(UNUSED_BLOBS)
        if due:
            # SQLite's log still holds the text of what was purged.
            self._empty_log()
        return [(owner, conversation_id) for owner, conversation_id in due]

    def recover(self, stale_after: timedelta) -> int:
        """Mark as cut off what is streaming but was not saved for this long. Returns how many; their text is kept."""
        streaming = messages.c.state == "streaming"
        stale = messages.c.saved_at < self._now() - stale_after
        with self._writing() as connection:
            return connection.execute(update(messages).where(streaming, stale).values(state="cut_off")).rowcount

    def unsettled(self, limit: int = 100) -> list[tuple[str, Message]]:
        """Broken-off answers of the last day whose cost can still be looked up, as (owner, message), newest first."""
        c = messages.c
        query = (
            select(conversations.c.owner, *MESSAGE_COLUMNS)
            .join(conversations)
            .where(c.state.in_(("stopped", "failed", "cut_off")))
            .where(c.created_at > self._now() - LOOKED_UP_FOR)
            .where(c.generation_id.is_not(None), c.cost.is_(None))
            .order_by(c.number.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            return [(owner, to_message(message)) for owner, *message in connection.execute(query).all()]
