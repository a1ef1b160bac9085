"""Connections to PostgreSQL, and the transactions on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from orchat.errors import SearchError

MOST_IDLE = 4
"""Connections that are kept open while nobody uses them."""


class Connections:
    """A pool of connections to one database."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._idle: list[Any] = []
        self._lock = Lock()
        self._closed = False

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
            # Only the first line: those that follow may quote people's texts.
            raise SearchError(f"PostgreSQL failed: {str(error).partition(chr(10))[0]}") from error

    def _take(self) -> Any:
        with self._lock:
            if self._closed:
                raise SearchError("The collection is closed.", advice="Open it again.")
            if self._idle:
                return self._idle.pop()
        return _driver().connect(self._url, autocommit=True)

    def _give_back(self, connection: Any) -> None:
        with self._lock:
            if not (self._closed or connection.closed or len(self._idle) == MOST_IDLE):
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close all connections; those in use are closed as soon as they are free."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise SearchError(
            "The PostgreSQL driver is not installed.", advice='Install it with: pip install "psycopg[binary]"'
        ) from None
    return psycopg
