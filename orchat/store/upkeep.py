"""What orchat does for the whole database, on nobody's behalf: the only methods that name no owner."""

from datetime import timedelta

from sqlalchemy import delete, literal, select, update

from orchat.store.departure import DepartureStore
from orchat.store.shared_tables import answered_now
from orchat.store.tables import conversations, messages, presets


class Upkeep(DepartureStore):
    """The part of the store that cleans up, for all owners at once."""

    def ping(self) -> None:
        """Ask the database for nothing, to know whether it answers."""
        with self._reading() as connection:
            connection.execute(select(literal(1)))

    def purge_deleted(self, older_than: timedelta) -> list[tuple[str, str]]:
        """Remove for good what was deleted longer ago than this. Returns owner and id of each conversation."""
        with self._writing() as connection:
            connection.execute(delete(presets).where(presets.c.deleted_at < self._now() - older_than))
        return self._purge(conversations.c.deleted_at < self._now() - older_than)

    def recover(self, stale_after: timedelta) -> int:
        """Mark as cut off what is streaming but was not saved for this long. Returns how many; their text is kept."""
        streaming = messages.c.state == "streaming"
        stale = messages.c.saved_at < self._now() - stale_after
        with self._writing() as connection:
            abandoned = update(messages).where(streaming, stale, ~answered_now())
            return connection.execute(abandoned.values(state="cut_off")).rowcount
