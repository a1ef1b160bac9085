"""PostgreSQLIndex: one owner's collection among all those that a database keeps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from orchat.errors import NotFoundError, SearchError
from orchat.search.document import Part
from orchat.search.embedding import Space, Vectors
from orchat.search.index import Batch, IndexedChunk, NewFile, Scored
from orchat.search.places import place_from_json, place_to_json
from orchat.search.postgresql import vector_table
from orchat.search.postgresql.connections import Connections
from orchat.search.postgresql.job_table import JobTable
from orchat.search.postgresql.schema import collection_id, set_up
from orchat.search.postgresql.words import (
    COUNT_TERMS,
    DISCOUNT_TERMS,
    FORGET_TERMS,
    INSERT_CHUNK,
    chunk_row,
    match,
)
from orchat.search.records import IndexedFile
from orchat.search.words import Query

_FILE = "uid, name, mime, size, sha256, title, pages, pages_without_text, added_at, first_chunk, end_chunk"


class PostgreSQLIndex:
    """An index in PostgreSQL. Writers of one collection take turns; those of others do not wait."""

    def __init__(self, connections: Connections, collection: int, owner: str) -> None:
        self._connections = connections
        self._collection = collection
        self._owner = owner
        self.jobs = JobTable(connections, collection, owner)

    @classmethod
    def open(cls, url: str, owner: str, name: str) -> Self:
        """Open a collection, and make it and the tables where they are missing.

        Raises:
            SearchError: it cannot be opened.
        """
        connections = Connections(url)
        try:
            with connections.transaction() as cursor:
                set_up(cursor)
                collection = collection_id(cursor, owner, name)
        except BaseException:
            connections.close()
            raise
        return cls(connections, collection, owner)

    def add(self, file: NewFile) -> IndexedFile:
        """Keep a file in place of the one of the same name; content that is there already stays as it is."""
        with self._connections.transaction() as cursor:
            self._lock(cursor)
            known = self._find(cursor, "sha256", file.sha256)
            former = self._find(cursor, "name", file.name)
            if former and not (known and known[0] == former[0]):
                self._delete(cursor, former)
            if known is None:
                self._insert(cursor, file)
                known = self._find(cursor, "sha256", file.sha256)
        assert known is not None
        return _to_file(known[1:], covered_to=0)

    def files(self, space: Space | None = None) -> list[IndexedFile]:
        """All files, oldest first."""
        with self._connections.transaction() as cursor:
            covered_to = self._covered_to(cursor, space) if space else 0
            cursor.execute(
                f"SELECT {_FILE} FROM orchat_search_files WHERE collection = %s AND owner = %s ORDER BY id",
                (self._collection, self._owner),
            )
            return [_to_file(row, covered_to) for row in cursor.fetchall()]

    def find(self, *, name: str = "", sha256: str = "") -> IndexedFile | None:
        """The file that has this name, or this content."""
        with self._connections.transaction() as cursor:
            row = self._find(cursor, "name", name) if name else self._find(cursor, "sha256", sha256)
        return _to_file(row[1:], covered_to=0) if row else None

    def parts(self, file: str, pages: Sequence[int] | None) -> list[Part]:
        """The parts of a file in their order."""
        with self._connections.transaction() as cursor:
            number = self._existing(cursor, file)[0]
            cursor.execute(
                "SELECT text, place FROM orchat_search_parts WHERE file = %s AND (%s OR page = ANY (%s)) "
                "ORDER BY number",
                (number, pages is None, list(pages or ())),
            )
            return [Part(text, place_from_json(place)) for text, place in cursor.fetchall()]

    def original(self, file: str) -> bytes:
        """The bytes that were added."""
        with self._connections.transaction() as cursor:
            number = self._existing(cursor, file)[0]
            cursor.execute("SELECT data FROM orchat_search_originals WHERE file = %s", (number,))
            return bytes(cursor.fetchone()[0])

    def remove(self, file: str) -> None:
        """Forget a file; PostgreSQL overwrites its bytes when it needs the space (VACUUM)."""
        with self._connections.transaction() as cursor:
            self._lock(cursor)
            self._delete(cursor, self._existing(cursor, file))

    def copy_to(self, path: Path) -> None:  # noqa: ARG002 - it would be another kind of index
        """Refuse.

        Raises:
            SearchError: always.
        """
        raise SearchError("A collection in PostgreSQL cannot be copied to a file.")

    def chunks(self, ids: Sequence[int]) -> dict[int, IndexedChunk]:
        """The chunks that are still there, by id."""
        with self._connections.transaction() as cursor:
            cursor.execute(
                "SELECT c.id, c.text, f.uid, f.name, f.mime, f.title, c.place, c.part, c.start_at, c.end_at "
                "FROM orchat_search_chunks c JOIN orchat_search_files f ON f.id = c.file "
                "WHERE c.collection = %s AND c.owner = %s AND c.id = ANY (%s)",
                (self._collection, self._owner, list(ids)),
            )
            return {row[0]: IndexedChunk.from_row(row) for row in cursor.fetchall()}

    def match(self, query: Query, limit: int, files: Sequence[str] | None) -> list[Scored]:
        """The chunks with the highest BM25 score, best first."""
        with self._connections.transaction() as cursor:
            ranges = self._ranges(cursor, files)
            if not query.terms or ranges == []:
                return []
            return match(cursor, self._collection, query, limit, ranges)

    def nearest(self, space: Space, vector: Vectors, limit: int, files: Sequence[str] | None) -> list[Scored]:
        """The chunks whose vectors have the highest cosine with one vector, best first."""
        with self._connections.transaction() as cursor:
            ranges = self._ranges(cursor, files)
            if ranges == []:
                return []
            return vector_table.nearest(cursor, self._collection, space, vector, limit, ranges)

    def coverage(self, spaces: Sequence[Space]) -> tuple[int, list[int]]:
        """How many chunks there are, and how many of them each space covers."""
        with self._connections.transaction() as cursor:
            covered_to = [self._covered_to(cursor, space) for space in spaces]
            cursor.execute("SELECT chunks FROM orchat_search_collections WHERE id = %s", (self._collection,))
            total = int(cursor.fetchone()[0])
            cursor.execute(
                "SELECT coalesce(sum(greatest(0, least(end_chunk, covered_to) - first_chunk)), 0) "
                "FROM unnest(%s::bigint[]) WITH ORDINALITY AS space (covered_to, place) "
                "LEFT JOIN orchat_search_files ON collection = %s GROUP BY place ORDER BY place",
                (covered_to, self._collection),
            )
            return total, [int(covered) for (covered,) in cursor.fetchall()]

    def claim(self, space: Space, holder: str, limit: int) -> Batch:
        """The next chunks that a space lacks, for `holder` alone for a minute."""
        with self._connections.transaction() as cursor:
            return vector_table.claim(cursor, self._collection, self._owner, space, holder, limit)

    def store(self, space: Space, holder: str, batch: Batch, vectors: Vectors) -> None:
        """Keep the vectors of a claimed batch."""
        with self._connections.transaction() as cursor:
            vector_table.store(cursor, self._collection, self._owner, space, holder, batch, vectors)

    def release(self, space: Space, holder: str) -> None:
        """Let others at the chunks that `holder` has claimed."""
        with self._connections.transaction() as cursor:
            vector_table.release(cursor, self._collection, space, holder)

    def drop_other_spaces(self, space: Space) -> None:
        """Forget the vectors of every other space."""
        with self._connections.transaction() as cursor:
            cursor.execute(
                "DELETE FROM orchat_search_spaces "
                "WHERE collection = %s AND (model, sha256, dimensions) <> (%s, %s, %s)",
                (self._collection, *space),
            )

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def _lock(self, cursor: Any) -> None:
        cursor.execute("SELECT 1 FROM orchat_search_collections WHERE id = %s FOR UPDATE", (self._collection,))

    def _covered_to(self, cursor: Any, space: Space) -> int:
        row = vector_table.space_row(cursor, self._collection, space)
        return row[1] if row else 0

    def _find(self, cursor: Any, column: str, value: str) -> tuple[Any, ...] | None:
        cursor.execute(
            f"SELECT id, {_FILE} FROM orchat_search_files WHERE collection = %s AND owner = %s AND {column} = %s",
            (self._collection, self._owner, value),
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    def _existing(self, cursor: Any, file: str) -> tuple[Any, ...]:
        row = self._find(cursor, "uid", file)
        if row is None:
            raise NotFoundError("There is no such file.")
        return row

    def _ranges(self, cursor: Any, files: Sequence[str] | None) -> list[tuple[int, int]] | None:
        if files is None:
            return None
        rows = [self._existing(cursor, file) for file in files]
        return [(row[-2], row[-1]) for row in rows if row[-1] > row[-2]]

    def _insert(self, cursor: Any, file: NewFile) -> None:
        parsed = file.parsed
        cursor.execute("SELECT next_chunk FROM orchat_search_collections WHERE id = %s", (self._collection,))
        first = cursor.fetchone()[0]
        cursor.execute(
            f"INSERT INTO orchat_search_files (owner, collection, {_FILE}) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (
                self._owner,
                self._collection,
                uuid4().hex,
                file.name,
                file.mime,
                len(file.data),
                file.sha256,
                parsed.title,
                parsed.pages,
                list(parsed.pages_without_text),
                file.added_at,
                first,
                first + len(file.chunks),
            ),
        )
        number = cursor.fetchone()[0]
        cursor.execute("INSERT INTO orchat_search_originals VALUES (%s, %s, %s)", (number, self._owner, file.data))
        cursor.executemany(
            "INSERT INTO orchat_search_parts VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (number, self._owner, position, part.place.number, place_to_json(part.place), part.text)
                for position, part in enumerate(parsed.parts)
            ],
        )
        rows = list(self._chunk_rows(file, number, first))
        cursor.executemany(INSERT_CHUNK, rows)
        cursor.execute(COUNT_TERMS, (number,))
        self._count(cursor, len(rows), sum(row[9] for row in rows))

    def _chunk_rows(self, file: NewFile, number: int, first: int) -> Any:
        for id_, chunk in enumerate(file.chunks, first):
            kept = (chunk.part, chunk.start, chunk.end, place_to_json(chunk.place), chunk.text)
            yield chunk_row((self._collection, id_, number, self._owner), kept, file.name, file.parsed.title)

    def _delete(self, cursor: Any, row: tuple[Any, ...]) -> None:
        cursor.execute(DISCOUNT_TERMS, (row[0],))
        cursor.execute(FORGET_TERMS, (self._collection,))
        cursor.execute("SELECT count(*), coalesce(sum(length), 0) FROM orchat_search_chunks WHERE file = %s", (row[0],))
        chunks, words = cursor.fetchone()
        self._count(cursor, -chunks, -words)
        cursor.execute(
            "DELETE FROM orchat_search_vectors USING orchat_search_spaces s "
            "WHERE s.id = space AND s.collection = %s AND chunk >= %s AND chunk < %s",
            (self._collection, *row[-2:]),
        )
        cursor.execute("DELETE FROM orchat_search_files WHERE id = %s", (row[0],))

    def _count(self, cursor: Any, chunks: int, words: int) -> None:
        cursor.execute(
            "UPDATE orchat_search_collections SET next_chunk = next_chunk + greatest(%s, 0), chunks = chunks + %s, "
            "words = words + %s WHERE id = %s",
            (chunks, chunks, words, self._collection),
        )


def _to_file(row: tuple[Any, ...], covered_to: int) -> IndexedFile:
    id_, name, mime, size, sha256, title, pages, without_text, added_at, first, end = row
    embedded = max(0, min(end, covered_to) - first)
    return IndexedFile(
        id_, name, mime, size, sha256, title, pages, tuple(without_text), end - first, embedded, added_at
    )
