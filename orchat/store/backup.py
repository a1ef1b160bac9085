"""Backup and restore of everything that the store keeps, as one SQLite file, whichever database it is kept in."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, LargeBinary, Table, delete, insert, select

from orchat.errors import StoreError
from orchat.store.database import explained
from orchat.store.store import Store
from orchat.store.tables import (
    audit,
    blobs,
    budgets,
    calls,
    checkpoints,
    conversations,
    files,
    messages,
    people,
    preferences,
    presets,
    ratings,
    sealed_texts,
    setting_changes,
    tags,
)

EVERYTHING: tuple[Table, ...] = (
    conversations,
    tags,
    messages,
    ratings,
    blobs,
    files,
    checkpoints,
    preferences,
    presets,
    calls,
    people,
    sealed_texts,
    audit,
    budgets,
    setting_changes,
)
"""All tables, each after those that it refers to."""
BATCH = 1000
FILES_AT_ONCE = 8
"""Rows of a table whose rows hold a whole file."""


def back_up(url: str, path: Path) -> dict[str, int]:
    """Write everything of a database into a new file, while it is in use; returns how many rows of each table.

    Raises:
        StoreError: the file is there already or cannot be written, or the database fails.
    """
    with made_beside(path) as unfinished, Store.open(url) as source, Store.open(address_of(unfinished)) as target:
        return _copy(source, target)


def restore(url: str, path: Path) -> dict[str, int]:
    """Put what a backup holds in place of everything in a database, in one transaction; returns how many rows.

    An older backup is brought up to date on the way; the file itself is not changed.

    Raises:
        StoreError: there is no such file, it is no backup or a newer orchat's, or the database fails.
    """
    if not path.is_file():
        raise StoreError(
            f"There is no file {path}.", advice="Name the file that `python -m orchat backup` has written."
        )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        shutil.copyfile(path, copy)
        _check(copy, path)
        with Store.open(address_of(copy)) as source, Store.open(url) as target:
            return _copy(source, target)


def _copy(source: Store, target: Store) -> dict[str, int]:
    with one_moment(source._engine) as old, target._writing() as new:  # noqa: SLF001 - one transaction on each side
        for table in reversed(EVERYTHING):
            new.execute(delete(table))
        return {table.name: copy_table(table, old, new) for table in EVERYTHING}


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees everything as it was at one moment, however long that is looked at."""
    # What a store reads in PostgreSQL otherwise is newer with each statement.
    with explained(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def copy_table(table: Table, old: Connection, new: Connection) -> int:
    """Copy the rows of a table to the one of the same name, and return how many there are."""
    # Numbers are given anew, in the same order: PostgreSQL lets nobody choose them.
    columns = [column for column in table.c if column.name != "number"]
    query = select(*columns)
    if "number" in table.c:
        query = query.order_by(table.c.number)
    copied = 0
    # yield_per: the driver for PostgreSQL would hold all rows in memory, and files are among them.
    for rows in old.execute(query, execution_options={"yield_per": _batch(table)}).mappings().partitions():
        new.execute(insert(table), [dict(row) for row in rows])
        copied += len(rows)
    return copied


def _batch(table: Table) -> int:
    return FILES_AT_ONCE if any(isinstance(column.type, LargeBinary) for column in table.c) else BATCH


@contextmanager
def made_beside(path: Path, *, advice: str | None = None) -> Iterator[Path]:
    """Give a place to write to, and put what was written there under its name when it is whole.

    `advice` is for where that cannot be written to.
    """
    if path.exists():
        raise StoreError(f"{path} is there already.", advice="Name another file: a backup is never overwritten.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            unfinished = Path(folder) / "backup.db"
            yield unfinished
            with closing(sqlite3.connect(unfinished)) as connection:
                # One file, that can be copied: no log beside it.
                connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            unfinished.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error}.", advice=advice) from error


def _check(copy: Path, path: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            ours = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    except sqlite3.DatabaseError:
        sound = ours = None
    if not (sound and ours):
        raise StoreError(f"{path} is no backup of orchat's, or it is damaged.", advice="Try an earlier backup.")


def address_of(path: Path) -> str:
    """The URL of a file of SQLite."""
    return f"sqlite:///{path.absolute()}"


def default_name(folder: Path) -> Path:
    """Return a name for a backup that is not taken yet."""
    return folder / f"orchat-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{os.getpid()}.backup"
