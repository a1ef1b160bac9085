"""Documents as rows of a collection's file: how they are written, and how they are deleted."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from orchat.errors import CollectionFullError
from orchat.search.document import Chunk, Part
from orchat.search.index import NewFile
from orchat.search.places import head, place_to_json
from orchat.search.sqlite.schema import word_row
from orchat.search.words import indexed_text

MAX_CHUNKS = 200_000
"""In one file: with more of them a search takes a quarter of a second of CPU and more."""

TOTAL = "coalesce(sum(end_chunk - first_chunk), 0)"
SHORT = 50_000
"""Characters of a part within which a chunk is cut out: SQLite has to count them from the beginning."""

FILE = "uid, name, mime, size, sha256, title, pages, pages_without_text, added_at, first_chunk, end_chunk"


def marks(values: Sequence[object]) -> str:
    """Return a question mark for each value."""
    return ", ".join("?" * len(values))


def insert(connection: sqlite3.Connection, file: NewFile) -> None:
    """Write a new file with its original, parts, chunks and words.

    Raises:
        CollectionFullError: there would be too many chunks.
    """
    first = connection.execute("SELECT value FROM meta WHERE key = 'next_chunk'").fetchone()[0]
    (total,) = connection.execute(f"SELECT {TOTAL} FROM files").fetchone()
    if total + len(file.chunks) > MAX_CHUNKS:
        raise CollectionFullError(
            f"“{file.name}” does not fit: a collection in a file holds at most {MAX_CHUNKS:,} passages; "
            f"this one has {total:,}, and {len(file.chunks):,} would be added."
        )
    parsed = file.parsed
    values = (
        uuid4().hex,
        file.name,
        file.mime,
        len(file.data),
        file.sha256,
        parsed.title,
        parsed.pages,
        json.dumps(parsed.pages_without_text),
        file.added_at.isoformat(),
        first,
        first + len(file.chunks),
    )
    number = connection.execute(f"INSERT INTO files ({FILE}) VALUES ({marks(values)})", values).lastrowid
    connection.execute("INSERT INTO originals VALUES (?, ?)", (number, file.data))
    connection.executemany(
        "INSERT INTO parts VALUES (?, ?, ?, ?, ?)",
        (
            (number, position, part.place.number, place_to_json(part.place), part.text)
            for position, part in enumerate(parsed.parts)
        ),
    )
    _insert_chunks(connection, file, first)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'next_chunk'", (first + len(file.chunks),))


def _insert_chunks(connection: sqlite3.Connection, file: NewFile, first: int) -> None:
    connection.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)",
        [
            (id_, chunk.part, chunk.start, chunk.end, place_to_json(chunk.place), _own_text(chunk, file.parsed.parts))
            for id_, chunk in enumerate(file.chunks, first)
        ],
    )
    name, title = file.name, file.parsed.title
    connection.executemany(
        "INSERT INTO words (rowid, head, text) VALUES (?, ?, ?)",
        [
            (id_, indexed_text(head(name, title, chunk.place)), indexed_text(chunk.text))
            for id_, chunk in enumerate(file.chunks, first)
        ],
    )


def _own_text(chunk: Chunk, parts: Sequence[Part]) -> str | None:
    """The text of a chunk, None where it can be cut out of its part in no time."""
    part = parts[chunk.part].text
    return None if len(part) <= SHORT and part[chunk.start : chunk.end] == chunk.text else chunk.text


def delete(connection: sqlite3.Connection, row: tuple[Any, ...]) -> None:
    """Delete a file, by its row of id and `FILE`, with everything of it."""
    number, first, end = row[0], *row[-2:]
    chunks = connection.execute(
        "SELECT id, name, title, place, text FROM passages WHERE id >= ? AND id < ?", (first, end)
    )
    connection.executemany(
        "INSERT INTO words (words, rowid, head, text) VALUES ('delete', ?, ?, ?)", map(word_row, chunks.fetchall())
    )
    if sqlite3.sqlite_version_info < (3, 42):
        # The full-text index only notes that words are gone, until it is written anew.
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    connection.execute("DELETE FROM chunks WHERE id >= ? AND id < ?", (first, end))
    connection.execute("DELETE FROM vectors WHERE first_chunk >= ? AND first_chunk < ?", (first, end))
    connection.execute("DELETE FROM files WHERE id = ?", (number,))
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'removals'")
