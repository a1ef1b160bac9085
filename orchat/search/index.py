"""What a collection needs of the place that keeps it: the seam between the SQLite and the PostgreSQL index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from orchat.search.document import Chunk, Parsed, Part, Place
from orchat.search.embedding import Space, Vectors
from orchat.search.jobs import Jobs
from orchat.search.places import embedded_text, place_from_json
from orchat.search.records import IndexedFile
from orchat.search.words import Query


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is about to be added."""

    name: str
    mime: str
    data: bytes
    sha256: str
    parsed: Parsed
    chunks: Sequence[Chunk]
    added_at: datetime


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk as it was kept. Chunks that follow each other in a file have ids that follow each other."""

    id: int
    text: str
    file: str
    name: str
    mime: str
    title: str
    place: Place
    part: int
    start: int
    end: int

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> Self:
        """Read a row of all fields in their order, the place as JSON."""
        id_, text, file, name, mime, title, place, part, start, end = row
        return cls(id_, text, file, name, mime, title, place_from_json(place), part, start, end)


class Scored(NamedTuple):
    """A chunk's id, and how well it fits."""

    chunk: int
    score: float


class Batch(NamedTuple):
    """Chunks that have no vectors yet, in the order of their ids."""

    ids: Sequence[int]
    texts: Sequence[str]


def to_batch(rows: Sequence[tuple[int, str, str, str]]) -> Batch:
    """Return the batch of rows of id, title of the file, place as JSON, and text."""
    texts = [embedded_text(title, place_from_json(place), text) for _, title, place, text in rows]
    return Batch([row[0] for row in rows], texts)


class Index(Protocol):
    """Files, their chunks and vectors. May be used from several threads; every call is a transaction of its own.

    Every call raises SearchError when the database fails, and NotFoundError for the id of a file that is not there.
    """

    @property
    def jobs(self) -> Jobs:
        """The files that are on their way into it."""

    def add(self, file: NewFile) -> IndexedFile:
        """Keep a file and everything of it, in place of the file of the same name.

        A file with the same content stays as it is and is returned.

        Raises:
            CollectionFullError: there would be too many chunks.
        """

    def files(self, space: Space | None = None) -> list[IndexedFile]:
        """All files, oldest first; `embedded` is counted in `space`."""

    def find(self, *, name: str = "", sha256: str = "") -> IndexedFile | None:
        """The file that has this name, or this content."""

    def parts(self, file: str, pages: Sequence[int] | None) -> list[Part]:
        """The parts of a file in their order, all or those with these numbers."""

    def original(self, file: str) -> bytes:
        """The bytes that were added."""

    def remove(self, file: str) -> None:
        """Forget a file; its bytes are overwritten on the disk."""

    def copy_to(self, path: Path) -> None:
        """Copy everything to a new file; raises SearchError where that is not possible."""

    def chunks(self, ids: Sequence[int]) -> dict[int, IndexedChunk]:
        """The chunks that are still there, by id."""

    def match(self, query: Query, limit: int, files: Sequence[str] | None) -> list[Scored]:
        """The chunks with the highest BM25 score, best first."""

    def nearest(self, space: Space, vector: Vectors, limit: int, files: Sequence[str] | None) -> list[Scored]:
        """The chunks whose vectors have the highest cosine with one vector, best first."""

    def coverage(self, spaces: Sequence[Space]) -> tuple[int, list[int]]:
        """How many chunks there are, and how many of them each space covers."""

    def claim(self, space: Space, holder: str, limit: int) -> Batch:
        """The next chunks that a space lacks, for `holder` alone for a minute; nothing while another one has it."""

    def store(self, space: Space, holder: str, batch: Batch, vectors: Vectors) -> None:
        """Keep the vectors of a claimed batch; a row of zeros says that the chunk shall have none."""

    def release(self, space: Space, holder: str) -> None:
        """Let others at the chunks that `holder` has claimed."""

    def drop_other_spaces(self, space: Space) -> None:
        """Forget the vectors of every other space."""

    def close(self) -> None:
        """Close all connections."""
