"""A database looked at and left as it is: which schema it has, beside the one that this code works with."""

import os
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import inspect

from orchat.store.database import explained
from orchat.store.engine import file_of, is_sqlite, open_read_only, parsed_url
from orchat.store.schema import HEAD, is_known, version_of


class SchemaState(StrEnum):
    """How the schema of a database is."""

    ABSENT = "absent"
    """There is no database yet, or an empty one: the first start makes the tables."""
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"
    FOREIGN = "foreign"
    """It is another program's file."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found: the product, the schema's version, and whether it may be written to, as far as that shows."""

    product: str
    state: SchemaState
    version: str | None = None
    writable: bool = True

    @property
    def said(self) -> str:
        """Where the schema stands, in words."""
        return {
            SchemaState.ABSENT: f"there is no database yet; the first start makes it, with schema {HEAD}",
            SchemaState.CURRENT: f"schema {HEAD}, which is current",
            SchemaState.OLDER: f"schema {self.version}, this orchat has {HEAD}",
            SchemaState.NEWER: f"schema {self.version} of a newer orchat, this one knows {HEAD}",
            SchemaState.FOREIGN: "the file is another program's database",
        }[self.state]


def inspect_schema(url: str) -> Inspection:
    """Look at a database, without migrating, making or changing anything. Raises StoreError when it cannot be read."""
    parsed = parsed_url(url)
    if not is_sqlite(parsed):
        return _read(url, "PostgreSQL", writable=True)
    path = file_of(parsed)
    with explained():
        if not path.exists() or not path.stat().st_size:
            return Inspection("SQLite", SchemaState.ABSENT)
    return _read(url, "SQLite", writable=os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _read(url: str, product: str, *, writable: bool) -> Inspection:
    engine = open_read_only(url)
    try:
        with explained(), engine.connect() as connection:
            version = version_of(connection)
            # In PostgreSQL orchat may share a database with others: their tables say nothing.
            foreign = version is None and product == "SQLite" and bool(inspect(connection).get_table_names())
    finally:
        engine.dispose()
    return Inspection(product, SchemaState.FOREIGN if foreign else _state(version), version, writable)


def _state(version: str | None) -> SchemaState:
    if version is None:
        return SchemaState.ABSENT
    if version == HEAD:
        return SchemaState.CURRENT
    return SchemaState.OLDER if is_known(version) else SchemaState.NEWER
