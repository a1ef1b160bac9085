"""Transactions: each call of the store is one of its own, so that a crash loses nothing that was acknowledged."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError, StatementError

from orchat.errors import StoreError
from orchat.store.engine import open_engine
from orchat.store.schema import bring_up_to_date

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This moment, as timezone-aware UTC."""
    return datetime.now(UTC)


class Database:
    """An open database with the current schema. May be used from several threads at once."""

    def __init__(self, engine: Engine, now: Clock = utc_now) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        # What PostgreSQL reads in a transaction is no more of one moment than without; each way there and back counts.
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT") if self.shared else engine
        self._now = now
        # SQLite has one writer at a time. Waiting here wakes at once when it is done; SQLite itself sleeps and polls.
        self._turn: AbstractContextManager[Any] = Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @classmethod
    def open(cls, url: str, *, now: Clock = utc_now) -> Self:
        """Open `sqlite:////path` or `postgresql://…`, creating or migrating the database as needed.

        Raises StoreError when it cannot be opened or a newer orchat has written it. `now` is the clock for all times.
        """
        engine = open_engine(url)
        try:
            with explained():
                bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, now)

    @property
    def shared(self) -> bool:
        """Whether several machines may have it open: PostgreSQL, and not SQLite."""
        return self._engine.dialect.name == "postgresql"

    def _new_id(self) -> str:
        return uuid4().hex

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(), self._turn, self._writer.begin() as connection:
            yield connection

    def _empty_log(self) -> None:
        """Write SQLite's write-ahead log into the database file and empty it."""
        if self._engine.dialect.name != "sqlite":
            return
        with explained(), self._turn, self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


_DISK_FULL = "53100"
_FULL = ("The disk is full.", "Free some space where the database lies, then try again.")
_CAUSES = {
    "database is locked": ("The database is busy.", "Another program holds it. Try again in a moment."),
    "disk is full": _FULL,
    "No space left on device": _FULL,
    "readonly database": ("The database is read-only.", "Give the account that runs orchat write permission to it."),
    "not a database": ("The file is not a SQLite database.", "Move it away, or point ORCHAT_DATABASE_URL elsewhere."),
}


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the driver raises into a StoreError that a person can act on."""
    try:
        yield
    # ValueError: psycopg's, for what JSON cannot hold; the last two: of the copy that is made before a migration.
    except (SQLAlchemyError, ValueError, sqlite3.Error, OSError) as error:
        raised = error.orig if isinstance(error, StatementError) else error
        # PostgreSQL says it in the language of its server.
        cause = "disk is full" if getattr(raised, "sqlstate", None) == _DISK_FULL else str(raised)
        for fragment, (message, advice) in _CAUSES.items():
            if fragment in cause:
                raise StoreError(message, advice=advice) from error
        raise StoreError(f"The database failed: {cause.partition(chr(10))[0]}") from error
