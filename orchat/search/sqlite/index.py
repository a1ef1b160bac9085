"""SQLiteIndex: files, chunks, words and vectors of a collection in one file."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from orchat.errors import CollectionFullError, NotFoundError
from orchat.search.document import Chunk, Part
from orchat.search.embedding import Space, Vectors
from orchat.search.index import Batch, IndexedChunk, NewFile, Scored
from orchat.search.places import head, place_from_json, place_to_json
from orchat.search.records import IndexedFile
from orchat.search.sqlite.connections import Connections
from orchat.search.sqlite.job_table import JobTable
from orchat.search.sqlite.schema import set_up, word_row
from orchat.search.sqlite.vector_table import VectorTable
from orchat.search.words import Query, indexed_text

MAX_CHUNKS = 200_000
"""In one file: with more of them a search takes a quarter of a second of CPU and more."""

SHORT = 50_000
"""Characters of a part within which a chunk is cut out: SQLite has to count them from the beginning."""

_FILE = "uid, name, mime, size, sha256, title, pages, pages_without_text, added_at, first_chunk, end_chunk"


class SQLiteIndex:
    """An index in one file of SQLite, or in memory."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._vectors = VectorTable(connections)
        self.jobs = JobTable(connections)

    @classmethod
    def open(cls, path: str | Path, owner: str) -> Self:
        """Open a collection's file, or make it.

        Raises:
            NotFoundError: it is somebody else's.
            SearchError: it cannot be opened.
        """
        connections = Connections.open(path)
        try:
            with connections.writing() as connection:
                set_up(connection, owner)
        except BaseException:
            connections.close()
            raise
        return cls(connections)

    def add(self, file: NewFile) -> IndexedFile:
        """Keep a file in place of the one of the same name; content that is there already stays as it is."""
        replaced = False
        with self._connections.writing() as connection:
            known = _find(connection, "sha256", file.sha256)
            former = _find(connection, "name", file.name)
            if former and not (known and known[0] == former[0]):
                _delete(connection, former)
                replaced = True
            if known is None:
                _insert(connection, file)
                known = _find(connection, "sha256", file.sha256)
        if replaced:
            self._connections.empty_log()
        assert known is not None
        return _to_file(known[1:], covered_to=0)

    def files(self, space: Space | None = None) -> list[IndexedFile]:
        """All files, oldest first."""
        with self._connections.reading() as connection:
            covered_to = self._vectors.covered_to(connection, space) if space else 0
            rows = connection.execute(f"SELECT {_FILE} FROM files ORDER BY id").fetchall()
        return [_to_file(row, covered_to) for row in rows]

    def find(self, *, name: str = "", sha256: str = "") -> IndexedFile | None:
        """The file that has this name, or this content."""
        with self._connections.reading() as connection:
            row = _find(connection, "name", name) if name else _find(connection, "sha256", sha256)
        return _to_file(row[1:], covered_to=0) if row else None

    def parts(self, file: str, pages: Sequence[int] | None) -> list[Part]:
        """The parts of a file in their order."""
        with self._connections.reading() as connection:
            number = _existing(connection, file)[0]
            chosen = "" if pages is None else f"AND page IN ({_marks(pages)})"
            rows = connection.execute(
                f"SELECT text, place FROM parts WHERE file = ? {chosen} ORDER BY number", (number, *(pages or ()))
            ).fetchall()
        return [Part(text, place_from_json(place)) for text, place in rows]

    def original(self, file: str) -> bytes:
        """The bytes that were added."""
        with self._connections.reading() as connection:
            number = _existing(connection, file)[0]
            return bytes(connection.execute("SELECT data FROM originals WHERE file = ?", (number,)).fetchone()[0])

    def remove(self, file: str) -> None:
        """Forget a file; its bytes are overwritten."""
        with self._connections.writing() as connection:
            _delete(connection, _existing(connection, file))
        self._connections.empty_log()

    def chunks(self, ids: Sequence[int]) -> dict[int, IndexedChunk]:
        """The chunks that are still there, by id."""
        with self._connections.reading() as connection:
            rows = connection.execute(
                "SELECT id, text, file, name, mime, title, place, part, start, end FROM passages "
                f"WHERE id IN ({_marks(ids)})",
                tuple(ids),
            ).fetchall()
        return {row[0]: _to_chunk(row) for row in rows}

    def match(self, query: Query, limit: int, files: Sequence[str] | None) -> list[Scored]:
        """The chunks with the highest BM25 score, best first."""
        if not query.terms or files == []:
            return []
        expression = " OR ".join(f'"{term.text}"{"*" if term.prefix else ""}' for term in query.terms)
        with self._connections.reading() as connection:
            ranges = None if files is None else _ranges(connection, files)
            if ranges == []:
                return []
            chosen = "".join(f" OR rowid BETWEEN {first} AND {end - 1}" for first, end in ranges or ())
            rows = connection.execute(
                f"SELECT rowid, rank FROM words WHERE words MATCH ? {f'AND ({chosen[4:]})' if chosen else ''} "
                "ORDER BY rank LIMIT ?",
                (expression, limit),
            ).fetchall()
        return [Scored(chunk, -rank) for chunk, rank in rows]

    def nearest(self, space: Space, vector: Vectors, limit: int, files: Sequence[str] | None) -> list[Scored]:
        """The chunks whose vectors have the highest cosine with one vector, best first."""
        with self._connections.reading() as connection:
            ranges = None if files is None else _ranges(connection, files)
            return self._vectors.nearest(connection, space, vector, limit, ranges)

    def coverage(self, spaces: Sequence[Space]) -> tuple[int, list[int]]:
        """How many chunks there are, and how many of them each space covers."""
        with self._connections.reading() as connection:
            ranges = connection.execute("SELECT first_chunk, end_chunk FROM files").fetchall()
            covered = [self._vectors.covered_to(connection, space) for space in spaces]
        total = sum(end - first for first, end in ranges)
        return total, [sum(max(0, min(end, to) - first) for first, end in ranges) for to in covered]

    def claim(self, space: Space, holder: str, limit: int) -> Batch:
        """The next chunks that a space lacks, for `holder` alone for a minute."""
        return self._vectors.claim(space, holder, limit)

    def store(self, space: Space, holder: str, batch: Batch, vectors: Vectors) -> None:
        """Keep the vectors of a claimed batch."""
        self._vectors.store(space, holder, batch, vectors)

    def release(self, space: Space, holder: str) -> None:
        """Let others at the chunks that `holder` has claimed."""
        self._vectors.release(space, holder)

    def drop_other_spaces(self, space: Space) -> None:
        """Forget the vectors of every other space."""
        self._vectors.drop_other_spaces(space)

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()


def _insert(connection: sqlite3.Connection, file: NewFile) -> None:
    first = connection.execute("SELECT value FROM meta WHERE key = 'next_chunk'").fetchone()[0]
    (total,) = connection.execute("SELECT coalesce(sum(end_chunk - first_chunk), 0) FROM files").fetchone()
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
    number = connection.execute(f"INSERT INTO files ({_FILE}) VALUES ({_marks(values)})", values).lastrowid
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


def _delete(connection: sqlite3.Connection, row: tuple[Any, ...]) -> None:
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


def _find(connection: sqlite3.Connection, column: str, value: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = connection.execute(
        f"SELECT id, {_FILE} FROM files WHERE {column} = ?", (value,)
    ).fetchone()
    return row


def _existing(connection: sqlite3.Connection, file: str) -> tuple[Any, ...]:
    row = _find(connection, "uid", file)
    if row is None:
        raise NotFoundError("There is no such file.")
    return row


def _ranges(connection: sqlite3.Connection, files: Sequence[str]) -> list[tuple[int, int]]:
    return [(row[-2], row[-1]) for row in (_existing(connection, file) for file in files) if row[-1] > row[-2]]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _to_file(row: tuple[Any, ...], covered_to: int) -> IndexedFile:
    id_, name, mime, size, sha256, title, pages, without_text, added_at, first, end = row
    embedded = max(0, min(end, covered_to) - first)
    added = datetime.fromisoformat(added_at)
    without = tuple(json.loads(without_text))
    return IndexedFile(id_, name, mime, size, sha256, title, pages, without, end - first, embedded, added)


def _to_chunk(row: tuple[Any, ...]) -> IndexedChunk:
    id_, text, file, name, mime, title, place, part, start, end = row
    return IndexedChunk(id_, text, file, name, mime, title, place_from_json(place), part, start, end)
