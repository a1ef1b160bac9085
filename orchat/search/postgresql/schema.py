"""The tables of all collections in PostgreSQL; every row names its owner."""

from typing import Any

from orchat.errors import SearchError
from orchat.search.words import ANALYSIS

VERSION = 1
"""Of the tables; those that a newer orchat has made are refused."""

CONFIGURATION = "orchat_search"
"""The text search configuration: English endings are taken off, and no word is left out."""

LOCK = 0x6F726368
"""The advisory lock of whoever makes the tables."""

_TABLES = f"""
CREATE TEXT SEARCH DICTIONARY {CONFIGURATION}_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION {CONFIGURATION} (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION {CONFIGURATION}
    ALTER MAPPING FOR asciiword, word, numword WITH {CONFIGURATION}_stem;
CREATE TABLE orchat_search_version (version integer NOT NULL, analysis integer);
INSERT INTO orchat_search_version VALUES ({VERSION}, {ANALYSIS});
CREATE TABLE orchat_search_collections (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text NOT NULL, name text NOT NULL,
    next_chunk bigint NOT NULL DEFAULT 1, chunks bigint NOT NULL DEFAULT 0, words bigint NOT NULL DEFAULT 0,
    UNIQUE (owner, name)
);
CREATE TABLE orchat_search_files (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text NOT NULL,
    collection bigint NOT NULL REFERENCES orchat_search_collections ON DELETE CASCADE,
    uid text NOT NULL UNIQUE, name text NOT NULL, mime text NOT NULL, size bigint NOT NULL, sha256 text NOT NULL,
    title text NOT NULL, pages integer, pages_without_text integer[] NOT NULL, added_at timestamptz NOT NULL,
    first_chunk bigint NOT NULL, end_chunk bigint NOT NULL,
    UNIQUE (collection, name), UNIQUE (collection, sha256)
);
CREATE INDEX ON orchat_search_files (collection, first_chunk);
CREATE TABLE orchat_search_originals (
    file bigint PRIMARY KEY REFERENCES orchat_search_files ON DELETE CASCADE, owner text NOT NULL, data bytea NOT NULL
);
CREATE TABLE orchat_search_parts (
    file bigint NOT NULL REFERENCES orchat_search_files ON DELETE CASCADE, owner text NOT NULL,
    number integer NOT NULL, page integer, place text NOT NULL, text text NOT NULL, PRIMARY KEY (file, number)
);
CREATE TABLE orchat_search_chunks (
    collection bigint NOT NULL REFERENCES orchat_search_collections ON DELETE CASCADE, id bigint NOT NULL,
    file bigint NOT NULL REFERENCES orchat_search_files ON DELETE CASCADE, owner text NOT NULL,
    part integer NOT NULL, start_at integer NOT NULL, end_at integer NOT NULL, place text NOT NULL, text text NOT NULL,
    words tsvector NOT NULL, length integer NOT NULL, PRIMARY KEY (collection, id)
);
CREATE INDEX ON orchat_search_chunks USING gin (words);
CREATE INDEX ON orchat_search_chunks (file);
CREATE TABLE orchat_search_terms (
    collection bigint NOT NULL REFERENCES orchat_search_collections ON DELETE CASCADE, owner text NOT NULL,
    term text NOT NULL, chunks bigint NOT NULL, PRIMARY KEY (collection, term)
);
CREATE TABLE orchat_search_spaces (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text NOT NULL,
    collection bigint NOT NULL REFERENCES orchat_search_collections ON DELETE CASCADE,
    model text NOT NULL, sha256 text NOT NULL, dimensions integer NOT NULL, covered_to bigint NOT NULL DEFAULT 0,
    holder text, held_until timestamptz NOT NULL DEFAULT '-infinity', UNIQUE (collection, model, sha256, dimensions)
);
CREATE TABLE orchat_search_vectors (
    space bigint NOT NULL REFERENCES orchat_search_spaces ON DELETE CASCADE, chunk bigint NOT NULL,
    owner text NOT NULL, vector vector NOT NULL, PRIMARY KEY (space, chunk)
);
CREATE TABLE orchat_search_jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text NOT NULL,
    collection bigint NOT NULL REFERENCES orchat_search_collections ON DELETE CASCADE,
    uid text NOT NULL UNIQUE, name text NOT NULL, size bigint NOT NULL, sha256 text NOT NULL,
    added_at timestamptz NOT NULL, state text NOT NULL DEFAULT 'queued', reason text NOT NULL DEFAULT '',
    advice text NOT NULL DEFAULT '', attempts integer NOT NULL DEFAULT 0, holder text,
    held_until timestamptz NOT NULL DEFAULT '-infinity', data bytea, UNIQUE (collection, name)
);
"""


def set_up(cursor: Any) -> None:
    """Make the tables where they are missing; one process at a time.

    Raises:
        SearchError: pgvector is missing, or a newer orchat has made the tables.
    """
    if not are_there(cursor):
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        # Somebody else may have made them meanwhile.
        if not are_there(cursor):
            _make(cursor)
    cursor.execute("SELECT to_jsonb(v) FROM orchat_search_version v")
    (found,) = cursor.fetchone()
    if found["version"] > VERSION:
        raise SearchError("A newer orchat has made the tables of search.", advice="Update orchat.")
    # Tables from before this was noted have the first one.
    if (found.get("analysis") or 1) != ANALYSIS:
        from orchat.search.postgresql.reindex import index_again

        index_again(cursor)


def are_there(cursor: Any) -> bool:
    """Whether the tables have been made; that is one transaction."""
    cursor.execute("SELECT to_regclass('orchat_search_version')")
    return cursor.fetchone()[0] is not None


def check(cursor: Any) -> None:
    """Raise SearchError where the tables cannot be made, since pgvector is missing."""
    cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
    if cursor.fetchone() is None:
        raise SearchError(
            "PostgreSQL lacks the extension pgvector, which search needs.",
            advice="Install it on the server (Debian: postgresql-17-pgvector), then try again.",
        )


def _make(cursor: Any) -> None:
    check(cursor)
    cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    cursor.execute(_TABLES)


def collection_id(cursor: Any, owner: str, name: str) -> int:
    """Return the id of an owner's collection, which is made where it is missing."""
    cursor.execute(
        "INSERT INTO orchat_search_collections (owner, name) VALUES (%s, %s) ON CONFLICT DO NOTHING", (owner, name)
    )
    cursor.execute("SELECT id FROM orchat_search_collections WHERE owner = %s AND name = %s", (owner, name))
    return int(cursor.fetchone()[0])
