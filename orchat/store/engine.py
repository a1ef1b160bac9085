"""From a database URL to a SQLAlchemy engine that is set up for SQLite or PostgreSQL."""

import json
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, StaticPool

from orchat.errors import StoreError
from orchat.sqlite_files import BUSY_TIMEOUT, PRAGMAS, create_private, switch_to_wal

CONNECTIONS = 20
"""To PostgreSQL, for each replica: it has 100 for all that use it, unless it is told otherwise."""
PING_AFTER = 1.0
"""Seconds after which a connection that nobody used may have been lost."""
USED_AT = "used_at"
_URL_ADVICE = "ORCHAT_DATABASE_URL is sqlite:////path/to/orchat.db or postgresql://user:password@host/database."


def open_engine(url: str) -> Engine:
    """The engine for a database URL; a SQLite file and its folders are made where they are missing.

    Raises StoreError when the URL is not understood, the driver is missing or the file cannot be made.
    """
    parsed = parsed_url(url)
    return _sqlite(parsed) if is_sqlite(parsed) else _postgresql(parsed)


def open_read_only(url: str) -> Engine:
    """The engine of a database that is there, which changes neither what is in it nor its files.

    Raises StoreError when the URL is not understood or the driver is missing.
    """
    parsed = parsed_url(url)
    if is_sqlite(parsed):
        return _create(URL.create("sqlite"), poolclass=NullPool, creator=partial(_connect_read_only, file_of(parsed)))
    return _postgresql(parsed).execution_options(postgresql_readonly=True)


def parsed_url(url: str) -> URL:
    """A database URL in its parts; raises StoreError for one that cannot be used."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without the cause: a URL may hold a password, and the cause may quote it.
        raise StoreError("The database URL cannot be read.", advice=_URL_ADVICE) from None
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise StoreError(f"orchat keeps its data in SQLite or PostgreSQL, not in {backend}.", advice=_URL_ADVICE)
    return parsed


def is_sqlite(url: URL) -> bool:
    """Whether it is SQLite that a URL names, and not PostgreSQL."""
    return url.get_backend_name() == "sqlite"


def file_of(url: URL) -> Path:
    """The file that a URL of SQLite names; raises StoreError where it names none."""
    if url.database in (None, "", ":memory:"):
        raise StoreError("The database URL names no file.", advice=_URL_ADVICE)
    return Path(str(url.database))


def _connect_read_only(path: Path) -> sqlite3.Connection:
    # A reader, too, makes files for the write-ahead log where there are none, and leaves them there. Without a log all
    # is in the file itself, which is then read as one that nobody changes.
    in_use = path.with_name(f"{path.name}-wal").exists()
    mode = "mode=ro" if in_use else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=BUSY_TIMEOUT)


def _postgresql(url: URL) -> Engine:
    try:
        engine = _create(url.set(drivername="postgresql+psycopg"), pool_size=CONNECTIONS, max_overflow=0)
    except ImportError as error:
        raise StoreError(
            "The PostgreSQL driver is not installed.",
            advice='Install it with: pip install "psycopg[binary]"',
        ) from error
    # Before SQLAlchemy asks it anything, whose answer it might not be able to read.
    event.listen(engine, "connect", _check_encoding, insert=True)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ping_after_a_pause, engine.dialect))
    return engine


def _check_encoding(connection: Any, _record: object) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"The database cannot keep all letters: its encoding is {encoding}.",
            advice="Make one by createdb --template=template0 --encoding=UTF8, and name it in ORCHAT_DATABASE_URL.",
        )


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[USED_AT] = time.monotonic()


def _ping_after_a_pause(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    # As the pool's own pre-ping does before each use: but every way to the database lets others go first.
    if time.monotonic() - record.info.get(USED_AT, 0.0) < PING_AFTER:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _sqlite(url: URL) -> Engine:
    path = file_of(url)
    try:
        create_private(path)
        switch_to_wal(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"The database {path} cannot be opened: {error}.") from error
    engine = _create(url.set(drivername="sqlite"), connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_in_memory() -> Engine:
    """The engine of a database in this process' memory: one connection, for one thread at a time."""
    # temp_store: what is too large to be sorted in the cache would go to a file.
    engine = _create(URL.create("sqlite"), poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA temp_store = MEMORY").close())
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create(url: URL, **options: Any) -> Engine:
    # hide_parameters: an exception that quotes parameters would carry people's messages into logs.
    return create_engine(url, hide_parameters=True, json_serializer=partial(json.dumps, allow_nan=False), **options)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # Python's driver would begin transactions late and only before some statements; _begin_sqlite does it instead.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes can fail half-way when another one wrote in between;
    # one that is going to write takes the lock at once and waits for it.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
