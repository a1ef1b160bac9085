"""SQLiteIndex: files, chunks, words and vectors of a collection in one file."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from orchat.errors import NotFoundError
from orchat.search.document import Part
from orchat.search.embedding import Space, Vectors
from orchat.search.index import Batch, IndexedChunk, NewFile, Scored
from orchat.search.places import place_from_json
from orchat.search.records import IndexedFile
from orchat.search.sqlite.connections import Connections
from orchat.search.sqlite.documents import FILE, TOTAL, delete, insert, marks
from orchat.search.sqlite.job_table import JobTable
from orchat.search.sqlite.schema import set_up
from orchat.search.sqlite.vector_table import VectorTable
from orchat.search.words import Query


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
                delete(connection, former)
                replaced = True
            if known is None:
                insert(connection, file)
                known = _find(connection, "sha256", file.sha256)
        if replaced:
            self._connections.empty_log()
        assert known is not None
        return _to_file(known[1:], covered_to=0)

    def files(self, space: Space | None = None) -> list[IndexedFile]:
        """All files, oldest first."""
        with self._connections.reading() as connection:
            covered_to = self._vectors.covered_to(connection, space) if space else 0
            rows = connection.execute(f"SELECT {FILE} FROM files ORDER BY id").fetchall()
        return [_to_file(row, covered_to) for row in rows]

    def find(self, *, name: str = "", sha256: str = "") -> IndexedFile | None:
        """The file that has this name, or this content."""
        with self._connections.reading() as connection:
            row = _find(connection, "name", name) if name else _find(connection, "sha256", sha256)
        return _to_file(row[1:], covered_to=0) if row else None

    def copy_to(self, path: Path) -> None:
        """Copy everything to a new file."""
        self._connections.copy_to(path)

    def parts(self, file: str, pages: Sequence[int] | None) -> list[Part]:
        """The parts of a file in their order."""
        with self._connections.reading() as connection:
            number = _existing(connection, file)[0]
            chosen = "" if pages is None else f"AND page IN ({marks(pages)})"
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
            delete(connection, _existing(connection, file))
        self._connections.empty_log()

    def chunks(self, ids: Sequence[int]) -> dict[int, IndexedChunk]:
        """The chunks that are still there, by id."""
        with self._connections.reading() as connection:
            rows = connection.execute(
                "SELECT id, text, file, name, mime, title, place, part, start, end FROM passages "
                f"WHERE id IN ({marks(ids)})",
                tuple(ids),
            ).fetchall()
        return {row[0]: IndexedChunk.from_row(row) for row in rows}

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
            (total,) = connection.execute(f"SELECT {TOTAL} FROM files").fetchone()
            covered = [
                connection.execute(
                    "SELECT coalesce(sum(max(0, min(end_chunk, ?) - first_chunk)), 0) FROM files",
                    (self._vectors.covered_to(connection, space),),
                ).fetchone()[0]
                for space in spaces
            ]
        return total, covered

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


def _find(connection: sqlite3.Connection, column: str, value: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = connection.execute(
        f"SELECT id, {FILE} FROM files WHERE {column} = ?", (value,)
    ).fetchone()
    return row


def _existing(connection: sqlite3.Connection, file: str) -> tuple[Any, ...]:
    row = _find(connection, "uid", file)
    if row is None:
        raise NotFoundError("There is no such file.")
    return row


def _ranges(connection: sqlite3.Connection, files: Sequence[str]) -> list[tuple[int, int]]:
    return [(row[-2], row[-1]) for row in (_existing(connection, file) for file in files) if row[-1] > row[-2]]


def _to_file(row: tuple[Any, ...], covered_to: int) -> IndexedFile:
    id_, name, mime, size, sha256, title, pages, without_text, added_at, first, end = row
    embedded = max(0, min(end, covered_to) - first)
    added = datetime.fromisoformat(added_at)
    without = tuple(json.loads(without_text))
    return IndexedFile(id_, name, mime, size, sha256, title, pages, without, end - first, embedded, added)
