"""What a collection answers with: its files, the passages it found, and how far their vectors are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchat.search.document import Place
from orchat.search.jobs import Job


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file of a collection. `name` is a label for people, and never a path."""

    id: str
    name: str
    mime: str
    size: int
    """Bytes of the original."""
    sha256: str
    """Of the original, as hexadecimal digits."""
    title: str
    pages: int | None
    """How many pages, slides or sheets it has, with text or without; None where it has none."""
    pages_without_text: tuple[int, ...]
    chunks: int
    embedded: int
    """How many of the chunks the vectors cover so far."""
    added_at: datetime


class FileState(StrEnum):
    """How far a file is. From SEARCHABLE on it is found by words; READY is as good as it gets."""

    QUEUED = "queued"
    PARSING = "parsing"
    SEARCHABLE = "searchable"
    EMBEDDING = "embedding"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileStatus:
    """How far a file is that was added, and why it goes no further."""

    id: str
    """Of the file once it can be searched, of its job before. Empty if nothing of it was kept."""
    name: str
    size: int
    sha256: str
    state: FileState
    reason: str = ""
    """Why it failed or is held up, in words for a person; `advice` says what to do."""
    advice: str = ""
    chunks: int = 0
    embedded: int = 0
    note: str = ""
    """What is missing in what can be searched."""

    @classmethod
    def of_job(cls, job: Job) -> "FileStatus":
        """The status of a file that is not in the index."""
        return cls(job.id, job.name, job.size, job.sha256, FileState(job.state), job.reason, job.advice)

    @classmethod
    def of_file(cls, file: IndexedFile, vectors: "VectorState") -> "FileStatus":
        """The status of a file that is."""
        state = FileState.READY
        if vectors.model and file.embedded < file.chunks:
            state = FileState.EMBEDDING if file.embedded else FileState.SEARCHABLE
        empty = len(file.pages_without_text)
        scans = file.mime == "application/pdf" and file.pages and empty  # an empty sheet or slide is nothing strange
        note = f"{empty:,} of {file.pages:,} pages have no text: they may be scans." if scans else ""
        reason = "" if state is FileState.READY else vectors.problem
        return cls(file.id, file.name, file.size, file.sha256, state, reason, "", file.chunks, file.embedded, note)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found: one chunk, or several that follow each other, without the text that they share."""

    text: str
    file: str
    """The id of the file."""
    name: str
    """The name of the file."""
    mime: str
    """The type of the file."""
    place: Place
    score: float
    """From 0 to 1, where 1 is the first of every ranking that was asked."""
    part: int
    """The number of the part, from 0, as `Collection.read` without pages returns them."""
    start: int
    end: int
    """The characters within the text of the part."""
    words: float | None = None
    """The BM25 score of its best chunk; None if none of the words stands in it."""
    similarity: float | None = None
    """The cosine of its best chunk's vector with the query's; None if the vectors did not find it."""

    @property
    def page(self) -> int | None:
        """The number of its page, slide or sheet."""
        return self.place.number

    @property
    def heading(self) -> str:
        """The headings above it, outermost first."""
        return " › ".join(self.place.heading)


@dataclass(frozen=True, slots=True)
class VectorState:
    """How far the vectors of a collection are. Search by words needs none of them."""

    model: str
    """What computes them; empty where nothing does."""
    done: int
    """Chunks that are covered."""
    total: int
    """Chunks of the collection."""
    problem: str = ""
    """Why there are no further vectors, in words for a person; empty while all is well."""

    @property
    def complete(self) -> bool:
        """Whether every chunk is covered."""
        return bool(self.model) and self.done >= self.total
