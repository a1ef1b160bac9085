"""What orchat does for the whole database, on nobody's behalf: the only methods that name no owner."""

from datetime import timedelta

from sqlalchemy import delete, literal, select, text, update

from orchat.store.database import Database
from orchat.store.files import UNUSED_BLOBS
from orchat.store.shared_tables import answered_now
from orchat.store.tables import conversations, messages


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
            self._forget_words()
            # SQLite's log still holds the text of what was purged.
            self._empty_log()
        return [(owner, conversation_id) for owner, conversation_id in due]

    def _forget_words(self) -> None:
        """Write SQLite's search index anew: what was deleted stays in it until then. PostgreSQL cleans up by itself."""
        if self._engine.dialect.name == "sqlite":
            with self._writing() as connection:
                connection.execute(text("INSERT INTO message_search (message_search) VALUES ('optimize')"))

    def recover(self, stale_after: timedelta) -> int:
        """Mark as cut off what is streaming but was not saved for this long. Returns how many; their text is kept."""
        streaming = messages.c.state == "streaming"
        stale = messages.c.saved_at < self._now() - stale_after
        with self._writing() as connection:
            abandoned = update(messages).where(streaming, stale, ~answered_now())
            return connection.execute(abandoned.values(state="cut_off")).rowcount
