"""The vectors of a collection's file: eight bits a number, kept in blocks, scanned by numpy."""

import sqlite3
import time
from collections.abc import Sequence
from itertools import pairwise
from threading import Lock

import numpy as np
import numpy.typing as npt

from orchat.search.embedding import Space, Vectors
from orchat.search.index import Batch, Scored, to_batch
from orchat.search.sqlite.connections import Connections
from orchat.search.sqlite.vector_scan import VectorScan, quantized

LEASE = 60.0
"""Seconds for which the chunks that somebody embeds are theirs alone."""


class VectorTable:
    """Blocks of vectors for neighbouring chunks of one file, in the spaces that they were computed for."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock = Lock()
        self._scans: dict[Space, tuple[int, int, VectorScan]] = {}

    def covered_to(self, connection: sqlite3.Connection, space: Space) -> int:
        """The first chunk that has not been looked at for this space."""
        row = _row(connection, space)
        return row[1] if row else 0

    def nearest(
        self,
        connection: sqlite3.Connection,
        space: Space,
        vector: Vectors,
        limit: int,
        ranges: Sequence[tuple[int, int]] | None,
    ) -> list[Scored]:
        """The chunks with the highest cosine, best first, of all or of some ranges of chunks."""
        scan = self._current(connection, space)
        return scan.nearest(vector, limit, ranges) if scan else []

    def _current(self, connection: sqlite3.Connection, space: Space) -> VectorScan | None:
        """The vectors as they are in this transaction; read again only as far as they are others than before."""
        row = _row(connection, space)
        if row is None:
            return None
        number, covered_to = row
        (removals,) = connection.execute("SELECT value FROM meta WHERE key = 'removals'").fetchone()
        with self._lock:
            known_removals, known_to, scan = self._scans.get(space, (-1, 0, VectorScan.empty(space.dimensions)))
            if known_removals != removals or known_to > covered_to:
                known_to, scan = 0, VectorScan.empty(space.dimensions)
            if known_to < covered_to:
                blocks = connection.execute(
                    "SELECT first_chunk, count, data FROM vectors WHERE space = ? AND first_chunk >= ? "
                    "ORDER BY first_chunk",
                    (number, known_to),
                ).fetchall()
                scan = scan.extended(blocks)
            self._scans[space] = (removals, covered_to, scan)
            return scan

    def claim(self, space: Space, holder: str, limit: int) -> Batch:
        """The next chunks that a space lacks, unless another one is at them."""
        now = time.time()
        with self._connections.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO spaces (model, sha256, dimensions) VALUES (?, ?, ?)", space)
            taken = connection.execute(
                "UPDATE spaces SET holder = ?, held_until = ? WHERE model = ? AND sha256 = ? AND dimensions = ? "
                "AND (holder IS NULL OR holder = ? OR held_until < ?)",
                (holder, now + LEASE, *space, holder, now),
            ).rowcount
            rows = []
            if taken:
                rows = connection.execute(
                    "SELECT id, title, place, text FROM passages WHERE id >= ? ORDER BY id LIMIT ?",
                    (self.covered_to(connection, space), limit),
                ).fetchall()
        return to_batch(rows)

    def store(self, space: Space, holder: str, batch: Batch, vectors: Vectors) -> None:
        """Keep the vectors of a batch, unless another one has taken it over; chunks that are gone are left out."""
        numbers = quantized(vectors)
        with self._connections.writing() as connection:
            row = _row(connection, space)
            held = connection.execute("SELECT 1 FROM spaces WHERE id = ? AND holder = ?", (row and row[0], holder))
            if row is None or held.fetchone() is None:
                return
            first, last = batch.ids[0], batch.ids[-1]
            files = connection.execute(
                "SELECT first_chunk, end_chunk FROM files WHERE end_chunk > ? AND first_chunk <= ?", (first, last)
            ).fetchall()
            for start, end in _runs(batch.ids, files):
                block = numbers[start:end]
                if block.any():
                    values = (row[0], batch.ids[start], end - start, block.tobytes())
                    connection.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", values)
            connection.execute("UPDATE spaces SET covered_to = ? WHERE id = ?", (last + 1, row[0]))

    def release(self, space: Space, holder: str) -> None:
        """Let others at the chunks that a holder has claimed."""
        with self._connections.writing() as connection:
            connection.execute(
                "UPDATE spaces SET holder = NULL WHERE model = ? AND sha256 = ? AND dimensions = ? AND holder = ?",
                (*space, holder),
            )

    def drop_other_spaces(self, space: Space) -> None:
        """Forget the vectors of every other space."""
        with self._connections.writing() as connection:
            row = _row(connection, space)
            gone = connection.execute("DELETE FROM spaces WHERE id IS NOT ?", (row and row[0],)).rowcount
        if gone:
            with self._lock:
                self._scans = {known: scan for known, scan in self._scans.items() if known == space}
            self._connections.empty_log()


def _row(connection: sqlite3.Connection, space: Space) -> tuple[int, int] | None:
    row: tuple[int, int] | None = connection.execute(
        "SELECT id, covered_to FROM spaces WHERE model = ? AND sha256 = ? AND dimensions = ?", space
    ).fetchone()
    return row


def _runs(ids: Sequence[int], files: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where the chunks of each file that is still there stand in a batch, as start and end."""
    array: npt.NDArray[np.int64] = np.asarray(ids, dtype=np.int64)
    edges = [(int(np.searchsorted(array, first)), int(np.searchsorted(array, end))) for first, end in files]
    assert all(left[1] <= right[0] for left, right in pairwise(sorted(edges)))
    return [(start, end) for start, end in edges if start < end]
