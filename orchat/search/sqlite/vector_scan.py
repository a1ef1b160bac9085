"""Nearest neighbours by a scan: signs first, one bit a number, then the numbers themselves for what is close."""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from orchat.search.embedding import Vectors
from orchat.search.index import Scored

EXACT = 1_000
"""Up to this many vectors are all compared; of more, this many whose signs agree best with the query's."""

Bytes = npt.NDArray[np.int8]


class VectorScan:
    """Vectors of one space in memory, with the ids of their chunks in ascending order."""

    def __init__(
        self, ids: npt.NDArray[np.int64], numbers: Bytes, lengths: Vectors, signs: npt.NDArray[np.uint64]
    ) -> None:
        self._ids = ids
        self._numbers = numbers
        self._lengths = lengths
        self._signs = signs

    @classmethod
    def empty(cls, dimensions: int) -> Self:
        """No vectors of this size."""
        numbers = np.empty((0, dimensions), dtype=np.int8)
        return cls(np.empty(0, dtype=np.int64), numbers, _lengths(numbers), _signs(numbers))

    def extended(self, blocks: Iterable[tuple[int, int, bytes]]) -> Self:
        """These vectors and those of further blocks: first chunk, count, and the numbers one row after another."""
        ids, numbers = [self._ids], [self._numbers]
        for first, count, data in blocks:
            ids.append(np.arange(first, first + count, dtype=np.int64))
            numbers.append(np.frombuffer(data, dtype=np.int8).reshape(count, -1))
        added = np.concatenate(numbers[1:]) if len(numbers) > 1 else numbers[0][:0]
        lengths = np.concatenate((self._lengths, _lengths(added)))
        signs = np.concatenate((self._signs, _signs(added)))
        return type(self)(np.concatenate(ids), np.concatenate((self._numbers, added)), lengths, signs)

    def nearest(self, vector: Vectors, limit: int, ranges: Sequence[tuple[int, int]] | None) -> list[Scored]:
        """The chunks with the highest cosine, best first, of all or of some ranges of ids."""
        rows = self._rows(ranges)
        if len(rows) > EXACT:
            rows = rows[self._closest_signs(vector, rows, EXACT)]
        lengths = self._lengths[rows] * (np.linalg.norm(vector) or 1.0)
        # Not `@`: for so little the threads of BLAS burn more time than they save.
        products = np.einsum("ij,j->i", self._numbers[rows].astype(np.float32), vector)
        # A row of zeros stands for a chunk without a vector.
        cosines = np.divide(products, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        best = np.argsort(-cosines, kind="stable")[:limit]
        return [Scored(int(self._ids[rows[place]]), float(cosines[place])) for place in best if lengths[place] > 0]

    def _rows(self, ranges: Sequence[tuple[int, int]] | None) -> npt.NDArray[np.int64]:
        if ranges is None:
            return np.arange(len(self._ids))
        edges = np.searchsorted(self._ids, np.asarray(ranges, dtype=np.int64).reshape(-1, 2))
        return np.unique(np.concatenate([np.arange(0), *(np.arange(start, end) for start, end in edges)]))

    def _closest_signs(self, vector: Vectors, rows: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
        signs = self._signs if len(rows) == len(self._ids) else self._signs[rows]
        query = _signs(quantized(vector[np.newaxis]))
        distances = np.bitwise_count(signs ^ query).sum(axis=1, dtype=np.uint16)
        return np.argpartition(distances, count)[:count]


def quantized(vectors: Vectors) -> Bytes:
    """Return vectors with eight bits a number; only their direction is kept. A row of zeros stays one."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = np.divide(vectors * 127, largest, out=np.zeros_like(vectors), where=largest > 0)
    numbers: Bytes = np.rint(scaled).astype(np.int8)
    return numbers


def _lengths(numbers: Bytes) -> Vectors:
    lengths: Vectors = np.linalg.norm(numbers.astype(np.float32), axis=1)
    return lengths


def _signs(numbers: Bytes) -> npt.NDArray[np.uint64]:
    """One bit for each number, in whole words of 64; the rest of the last one is zero."""
    bits = np.packbits(numbers > 0, axis=1)
    padded = np.zeros((len(numbers), -(-bits.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)
