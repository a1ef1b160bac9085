"""Connections to PostgreSQL, and the transactions on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from orchat.errors import SearchError

MOST_IDLE = 4
"""Connections to a database that are kept open while nobody uses them."""


class _Idle:
    """The idle connections to one database, and how many collections use it."""

    def __init__(self) -> None:
        self.connections: list[Any] = []
        self.users = 0


_lock = Lock()
_idle: dict[str, _Idle] = {}
"""By address: a hundred people have their collections open at once, and a database has about as many connections."""


class Connections:
    """The connections of one collection, out of those that all collections in the same database share."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._closed = False
        with _lock:
            self._idle = _idle.setdefault(self._url, _Idle())
            self._idle.users += 1

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A cursor within a transaction.

        Raises:
            SearchError: the driver is missing, the database cannot be reached, or it fails.
        """
        psycopg = _driver()
        try:
            connection = self._take()
            try:
                with connection.transaction(), connection.cursor() as cursor:
                    yield cursor
            finally:
                self._give_back(connection)
        except psycopg.Error as error:
            if isinstance(error, psycopg.errors.DiskFull):
                advice = "Free some space where the database lies, then try again."
                raise SearchError("The disk is full.", advice=advice) from error
            # Only the first line: those that follow may quote people's texts.
            raise SearchError(f"PostgreSQL failed: {str(error).partition(chr(10))[0]}") from error

    def _take(self) -> Any:
        with _lock:
            if self._closed:
                raise SearchError("The collection is closed.", advice="Open it again.")
            if self._idle.connections:
                return self._idle.connections.pop()
        return _driver().connect(self._url, autocommit=True)

    def _give_back(self, connection: Any) -> None:
        with _lock:
            full = len(self._idle.connections) == MOST_IDLE
            if self._idle.users and not (connection.closed or full):
                self._idle.connections.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Let go of the database; the last collection in it closes all connections, once they are free."""
        left: list[Any] = []
        with _lock:
            if self._closed:
                return
            self._closed = True
            self._idle.users -= 1
            if not self._idle.users:
                left, self._idle.connections = self._idle.connections, []
                _idle.pop(self._url, None)
        for connection in left:
            connection.close()


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise SearchError(
            "The PostgreSQL driver is not installed.", advice='Install it with: pip install "psycopg[binary]"'
        ) from None
    return psycopg
