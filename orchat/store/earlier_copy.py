"""A copy of a database with the schema that it has, made before it is migrated: a backup that `restore` takes."""

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Numeric, Table, text

from orchat.errors import StoreError
from orchat.store.backup import address_of, copy_table, made_beside, one_moment
from orchat.store.before_migration import drop_old_copies
from orchat.store.column_types import Money
from orchat.store.database import explained
from orchat.store.engine import open_engine
from orchat.store.schema import Migration, bring_up_to_date, keep_beside, upgrade
from orchat.store.shared_tables import asked, replicas, run_events, shared_runs
from orchat.store.tables import metadata

NAME = "orchat"
MB = 2**20
ROOM = 2
"""The disk has to have room for so many times what the tables take: PostgreSQL compresses, and SQLite does not."""
_OF_THE_MOMENT = {table.name for table in (replicas, shared_runs, run_events, asked)}
WITHOUT_ROOM = (
    "Nothing was changed. Run `python -m orchat migrate` with --copy and a file on another disk, or back up with "
    "pg_dump and run it with --without-copy."
)
_NOT_KEPT = ("message_search", "alembic")
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname = ANY (:names)
"""


def migrate(url: str, folder: Path, *, copy: Path | None = None, without_copy: bool = False) -> Migration | None:
    """Bring a database up to date, and keep a copy from before; return None where nothing was due.

    SQLite keeps it beside itself, PostgreSQL in `folder`, either of them at `copy` where that is given.

    Raises:
        StoreError: a newer orchat has written the database, it fails, or the copy cannot be made: then it is unchanged.
    """

    def keep(connection: Connection, version: str) -> Path | None:
        if without_copy:
            return None
        if copy is None and connection.dialect.name == "sqlite":
            return keep_beside(connection, version)
        return keep_earlier(connection, version, folder, copy)

    engine = open_engine(url)
    try:
        with explained():
            return bring_up_to_date(engine, keep)
    finally:
        engine.dispose()


def keep_earlier(connection: Connection, version: str, folder: Path, path: Path | None = None) -> Path:
    """Write everything that is kept into a new file, whose schema is `version` as well, and return where.

    Raises:
        StoreError: the disk has no room for it, or it cannot be written.
    """
    named = path or folder / f"{NAME}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}.schema-{version}.backup"
    with made_beside(named, advice=WITHOUT_ROOM) as unfinished:
        target = open_engine(address_of(unfinished))
        try:
            with _unchanging(connection) as old, target.execution_options(writes=True).begin() as new:
                upgrade(new, version)
                tables = _tables(old, new)
                _check_room(old, tables, named.parent)
                for table in tables:
                    copy_table(table, old, new)
        finally:
            target.dispose()
    if path is None:
        drop_old_copies(folder, NAME)
    return named


def _unchanging(connection: Connection) -> AbstractContextManager[Connection]:
    """What sees the database as it is now, whatever others write meanwhile: an earlier orchat may still run."""
    # In SQLite the transaction that migrates keeps all others from writing.
    return nullcontext(connection) if connection.dialect.name == "sqlite" else one_moment(connection.engine)


def _tables(old: Connection, new: Connection) -> list[Table]:
    """The tables that are kept, each after those it refers to, with the columns that they have in the old database."""
    there, here = MetaData(), MetaData()
    here.reflect(new, only=lambda name, _: not (name.startswith(_NOT_KEPT) or name in _OF_THE_MOMENT))
    there.reflect(old, only=list(here.tables))
    return [
        Table(table.name, MetaData(), *(_column(table.name, column) for column in there.tables[table.name].c))
        for table in here.sorted_tables
    ]


def _column(table: str, column: Column[Any]) -> Column[Any]:
    """A column with the type that means the same in both databases."""
    now = metadata.tables.get(table)
    if now is not None and column.name in now.c:
        return Column(column.name, now.c[column.name].type)
    # Of a column that is there no longer.
    return Column(column.name, Money() if isinstance(column.type, Numeric) else column.type)


def _check_room(connection: Connection, tables: Sequence[Table], folder: Path) -> None:
    if connection.dialect.name != "postgresql":
        return
    size = int(connection.execute(text(_SIZE), {"names": [table.name for table in tables]}).scalar_one())
    free = shutil.disk_usage(folder).free
    if free < ROOM * size:
        raise StoreError(
            f"There is no room for a copy: {folder} has {free / MB:,.0f} MB free, and up to {ROOM * size / MB:,.0f} MB "
            "may be needed.",
            advice=WITHOUT_ROOM,
        )
