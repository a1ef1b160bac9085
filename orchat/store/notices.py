"""Notices: what replicas tell each other through PostgreSQL, at the end of a transaction and in a few words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

from sqlalchemy import Connection, Engine, text

from orchat.errors import StoreError
from orchat.store.database import explained

CHANNEL = "orchat_runs"
IN_ONE = 200
"""Ids in one notice: PostgreSQL takes 8,000 bytes."""
Topic = Literal["runs", "events"]
"""What there is more to read of."""

_NOTIFY = text("SELECT pg_notify(:channel, :notice)")


def tell(connection: Connection, topic: Topic, ids: Sequence[str]) -> None:
    """Tell all replicas, once the transaction is committed, that there is more to read about these runs."""
    for start in range(0, len(ids), IN_ONE):
        notice = f"{topic}:{','.join(ids[start : start + IN_ONE])}"
        connection.execute(_NOTIFY, {"channel": CHANNEL, "notice": notice})


class Listener:
    """A connection of its own that hears what others tell. One thread may use it."""

    def __init__(self, engine: Engine) -> None:
        """Begin to listen.

        Raises:
            StoreError: the database does not answer.
        """
        with explained():
            pooled = engine.raw_connection()
        self._connection: Any = cast("Any", pooled.driver_connection)
        pooled.detach()
        self._failure = engine.dialect.loaded_dbapi.Error
        with self._explained():
            self._connection.autocommit = True
            self._connection.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float) -> dict[str, set[str]]:
        """Wait for notices, so long at most; return the ids that were named, by topic.

        Raises:
            StoreError: the connection is lost: what was told since the last call may have been missed.
        """
        heard: dict[str, set[str]] = defaultdict(set)
        with self._explained():
            for notice in self._connection.notifies(timeout=seconds, stop_after=1):
                topic, _, ids = notice.payload.partition(":")
                heard[topic].update(ids.split(","))
        return heard

    def close(self) -> None:
        """Stop listening."""
        self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._failure as error:
            raise StoreError("The connection to the database is lost.") from error
