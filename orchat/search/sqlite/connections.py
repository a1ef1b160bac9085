"""Connections to a collection's file, and the transactions on them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock

from orchat.errors import SearchError
from orchat.sqlite_files import BUSY_TIMEOUT, PRAGMAS, create_private, switch_to_wal

MEMORY = ":memory:"
PAGE_SIZE = 8192
"""Bytes; full-text indexes are written a tenth faster than with SQLite's 4096."""
CACHE = 16_000
"""KiB of pages that a connection keeps in memory."""
LOG = 4_000
"""Pages of the write-ahead log after which they are written into the file."""

_CAUSES = {
    "locked": ("The collection is busy.", "Another program holds it. Try again in a moment."),
    "full": ("The disk is full.", "Free some space where the collections lie, then try again."),
    "readonly": ("The collection is read-only.", "Give the account that runs orchat write permission to its folder."),
    "not a database": ("The file is not a collection.", "Choose another path, or move the file away."),
    "closed database": ("The collection is closed.", "Open it again."),
}


class Connections:
    """A pool of connections to one file; in memory there is one, which one thread has at a time."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        # One writer at a time, as SQLite has it: waiting here wakes at once, while SQLite itself sleeps and polls.
        self._writer: Lock | RLock = Lock() if path else RLock()
        self._closed = False
        if path is None:
            self._idle.append(_connect(MEMORY))

    @classmethod
    def open(cls, path: str | Path) -> "Connections":
        """Open a file, made where it is missing, or `:memory:`.

        Raises:
            SearchError: it cannot be opened.
        """
        if str(path) == MEMORY:
            return cls(None)
        file = Path(path)
        with explained():
            try:
                create_private(file)
            except OSError as error:
                raise SearchError(f"The collection {file} cannot be opened: {error}.") from error
            switch_to_wal(file, page_size=PAGE_SIZE)
        return cls(file)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the collection."""
        if self._path is None:
            with self.writing() as connection:
                yield connection
            return
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is the only one to write."""
        with self._writer, self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with explained():
            connection = self._take()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._give_back(connection)

    def copy_to(self, path: Path) -> None:
        """Write everything to a new file."""
        with explained(), self._writer:
            create_private(path)
            connection = self._take()
            try:
                connection.execute("VACUUM INTO ?", (str(path),))
            finally:
                self._give_back(connection)

    def empty_log(self) -> None:
        """Empty the write-ahead log into the file, and give free space back to the disk where it is more than half."""
        if self._path is None:
            return
        with explained(), self._writer:
            connection = self._take()
            try:
                (free,) = connection.execute("PRAGMA freelist_count").fetchone()
                (pages,) = connection.execute("PRAGMA page_count").fetchone()
                if 2 * free > pages:
                    connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise SearchError("The collection is closed.", advice="Open it again.")
        try:
            return self._idle.pop()
        except IndexError:
            return _connect(str(self._path))

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        """Close all connections; transactions that are under way end first."""
        with self._writer:
            self._closed = True
            while self._idle:
                self._idle.pop().close()


def _connect(path: str) -> sqlite3.Connection:
    # Without isolation_level Python's driver begins no transactions of its own.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    if path == MEMORY:
        # What is too large to be sorted in the cache would go to a file.
        connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG}")
    return connection


@contextmanager
def explained() -> Iterator[None]:
    """Turn what SQLite raises into a SearchError that a person can act on."""
    try:
        yield
    except sqlite3.Error as error:
        for fragment, (message, advice) in _CAUSES.items():
            if fragment in str(error):
                raise SearchError(message, advice=advice) from error
        raise SearchError(f"The collection failed: {error}") from error
