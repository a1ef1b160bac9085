"""Which index an address means."""

from pathlib import Path

from orchat.search.index import Index

POSTGRESQL = ("postgresql://", "postgres://", "postgresql+psycopg://")


def open_index(path_or_url: str | Path, owner: str, name: str) -> Index:
    """Open the index at a path, in memory or in PostgreSQL.

    Raises:
        NotFoundError: it is somebody else's.
        SearchError: it cannot be opened.
    """
    if isinstance(path_or_url, str) and path_or_url.startswith(POSTGRESQL):
        from orchat.search.postgresql.index import PostgreSQLIndex

        return PostgreSQLIndex.open(path_or_url, owner, name)
    from orchat.search.sqlite.index import SQLiteIndex

    return SQLiteIndex.open(path_or_url, owner)
