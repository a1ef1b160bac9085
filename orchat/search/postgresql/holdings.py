"""What PostgreSQL holds for whom, told without opening a collection: that makes rows, threads and connections."""

from collections.abc import Collection
from typing import Any

from orchat.search.postgresql.connections import Connections
from orchat.search.postgresql.schema import are_there, check

Place = tuple[str, str]
"""A collection, by its owner and its name."""

_SIZE = """
SELECT coalesce((SELECT sum(size) FROM orchat_search_files WHERE owner = %(owner)s), 0)
     + coalesce((SELECT sum(size) FROM orchat_search_jobs WHERE owner = %(owner)s), 0)
"""
_BEGUN = """
SELECT owner, name FROM orchat_search_collections c
WHERE (owner, name) IN (SELECT * FROM unnest(%(owners)s::text[], %(names)s::text[]))
  AND (EXISTS (SELECT FROM orchat_search_files WHERE collection = c.id)
    OR EXISTS (SELECT FROM orchat_search_jobs WHERE collection = c.id))
"""


class Holdings:
    """What all collections of a database hold. Thread-safe.

    Every call may raise SearchError: the database cannot be reached, or it fails.
    """

    def __init__(self, url: str) -> None:
        self._connections = Connections(url)
        self._tables = False

    def begun(self, places: Collection[Place]) -> set[Place]:
        """Those of these collections that have a file, read or waiting."""
        values = {"owners": [owner for owner, _ in places], "names": [name for _, name in places]}
        with self._connections.transaction() as cursor:
            if not self._made(cursor):
                return set()
            cursor.execute(_BEGUN, values)
            return {(owner, name) for owner, name in cursor.fetchall()}

    def kept_bytes(self, owner: str) -> int:
        """How many bytes the files of all collections of an owner have, those that wait among them."""
        with self._connections.transaction() as cursor:
            if not self._made(cursor):
                return 0
            cursor.execute(_SIZE, {"owner": owner})
            return int(cursor.fetchone()[0])

    def check(self) -> None:
        """Raise SearchError where documents cannot be kept: pgvector is missing."""
        with self._connections.transaction() as cursor:
            if not self._made(cursor):
                check(cursor)

    def close(self) -> None:
        """Let go of the database."""
        self._connections.close()

    def _made(self, cursor: Any) -> bool:
        """Whether the tables are there: the first file makes them."""
        self._tables = self._tables or are_there(cursor)
        return self._tables
