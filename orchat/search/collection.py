"""Collection: documents of one owner, found by words and by meaning."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from orchat.search.backends import open_index
from orchat.search.document import Chunk, Parsed, Part
from orchat.search.embedding import Embedder, Reranker
from orchat.search.embedding.queue import EmbeddingQueue
from orchat.search.index import Index, NewFile
from orchat.search.ingest import IngestQueue
from orchat.search.intake import Upload, take
from orchat.search.parsing import ParseLimits
from orchat.search.records import FileStatus, Hit, IndexedFile, VectorState
from orchat.search.retrieval import Retrieval
from orchat.search.scans import ScanReader
from orchat.search.storable import storable, storable_chunks, storable_parsed

MAX_HITS = 50

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This moment, as timezone-aware UTC."""
    return datetime.now(UTC)


class Collection:
    """Documents of one owner. May be used from several threads, and by several processes at once.

    Every call may raise SearchError (the database fails) and, where it takes the id of a file, NotFoundError.
    """

    def __init__(
        self,
        index: Index,
        *,
        embedders: Sequence[Embedder] = (),
        reranker: Reranker | None = None,
        limits: ParseLimits | None = None,
        scans: ScanReader | None = None,
        background: bool = True,
        now: Clock = utc_now,
    ) -> None:
        self._index = index
        self._now = now
        self._queue = EmbeddingQueue(index, embedders, background=background)
        self._limits = limits or ParseLimits()
        self._ingest = IngestQueue(index, self._queue, limits=self._limits, scans=scans, background=background, now=now)
        self._retrieval = Retrieval(index, self._queue, reranker)
        self._queue.wake()
        self._ingest.wake()

    @classmethod
    def open(
        cls,
        path_or_url: str | Path,
        owner: str,
        *,
        name: str = "",
        embedders: Sequence[Embedder] = (),
        reranker: Reranker | None = None,
        limits: ParseLimits | None = None,
        scans: ScanReader | None = None,
        background: bool = True,
        now: Clock = utc_now,
    ) -> Self:
        """Open a collection, and make it where there is none.

        `path_or_url` is a file of its own for each collection, `:memory:` (gone when it is closed), or the address of a
        PostgreSQL database, where `name` says which of the owner's collections is meant. Vectors are computed by the
        first of `embedders`; until they are complete, those of another one may answer. With `background`, files are
        read and vectors computed on threads of their own, and what a restart interrupted goes on at once; without,
        `add` reads, and vectors follow when `embed_pending` is called. `limits` is what one file may ask for.
        `scans` reads the pages of a PDF that have no text.

        Raises:
            NotFoundError: the collection is somebody else's.
            SearchError: it cannot be opened.
        """
        index = open_index(path_or_url, owner, name)
        return cls(
            index,
            embedders=embedders,
            reranker=reranker,
            limits=limits,
            scans=scans,
            background=background,
            now=now,
        )

    def add(self, files: Iterable[Path | tuple[str, bytes]]) -> list[FileStatus]:
        """Add files, by path or as name and bytes, and return how far each is; `status` tells how they go on.

        What a file is, its content says; its name is a label. What cannot be read says why in its status, and the
        others go on. The same content is indexed once, and a file takes the place of one of the same name.

        Raises:
            OSError: a path cannot be read.
        """
        taken = [take(file, self._limits) for file in files]
        uploads = [upload for upload in taken if isinstance(upload, Upload)]
        self._ingest.put(self._unknown(uploads))
        states = self.status()
        by_content = {state.sha256: state for state in reversed(states)}
        by_name = {(state.name, state.sha256): state for state in states}
        return [
            upload
            if isinstance(upload, FileStatus)
            else by_name.get((upload.name, upload.sha256)) or by_content.get(upload.sha256) or upload.queued()
            for upload in taken
        ]

    def _unknown(self, uploads: Sequence[Upload]) -> list[Upload]:
        """Those that have to be read: of the same content one, and none that is there or on its way already."""
        names = {file.name: file.sha256 for file in self.files()}
        known = set(names.values()) | {job.sha256 for job in self._index.jobs.all() if job.state != "failed"}
        found: dict[str, Upload] = {}
        for upload in uploads:
            # Content that is known under another name still takes the place of what has this name.
            if upload.sha256 not in known or names.get(upload.name, upload.sha256) != upload.sha256:
                found.setdefault(upload.sha256, upload)
        return list(found.values())

    def status(self) -> list[FileStatus]:
        """Return how far each file is: those that can be searched, oldest first, then those that cannot yet or ever."""
        vectors = self.vectors
        indexed = [FileStatus.of_file(file, vectors) for file in self.files()]
        return indexed + [FileStatus.of_job(job) for job in self._index.jobs.all()]

    def ingest_pending(self, limit: int | None = None) -> int:
        """Read the files that wait, at most `limit`; return how many were read."""
        return self._ingest.work(limit)

    def add_document(self, name: str, data: bytes, mime: str, parsed: Parsed, chunks: Sequence[Chunk]) -> IndexedFile:
        """Keep a file with its text and chunks, all at once or not at all; it can be found by words at once.

        Content that is there already, by its hash, is not indexed again: the file that has it is returned, whatever its
        name. A file of the same name with other content is replaced.

        Raises:
            CollectionFullError: there would be more chunks than a collection in a file may have.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        texts = storable_parsed(parsed), storable_chunks(chunks)
        file = self._index.add(NewFile(storable(name), mime, data, sha256, *texts, self._now()))
        self._queue.wake()
        return file

    def search(self, query: str, k: int = 10, files: Sequence[str] | None = None) -> list[Hit]:
        """Return up to `k` passages (at most 50), best first, at most three of one page.

        `query` may be any text: nothing in it is syntax. `files` are ids; with them, only these are searched.
        A reranker reads thirty chunks, and nothing comes behind those.
        """
        return self._retrieval.search(query, max(0, min(k, MAX_HITS)), files)

    def files(self) -> list[IndexedFile]:
        """Return all files, oldest first."""
        return self._index.files(self._queue.space)

    def find(self, data: bytes) -> IndexedFile | None:
        """Return the file that has this content, if there is one: parsing it again is needless."""
        return self._index.find(sha256=hashlib.sha256(data).hexdigest())

    def named(self, name: str) -> IndexedFile | None:
        """Return the file that has this name, if there is one."""
        return self._index.find(name=storable(name)) if name else None

    def read(self, file: str, pages: Sequence[int] | None = None) -> list[Part]:
        """Return the text of a file in its order: all parts, or the pages, slides or sheets with these numbers."""
        return self._index.parts(file, pages)

    def original(self, file: str) -> bytes:
        """Return the file as it was added."""
        return self._index.original(file)

    def remove(self, file: str) -> None:
        """Forget a file: text, vectors and original, on the disk too. Takes the id of a status as well."""
        if not self._index.jobs.forget(file):
            self._index.remove(file)

    def copy_to(self, path: Path) -> None:
        """Copy a collection in memory or in a file to a new file, with the ids that its files have.

        Raises:
            SearchError: it cannot be written, or the collection is in PostgreSQL.
        """
        self._index.copy_to(path)

    @property
    def vectors(self) -> VectorState:
        """How far the vectors are, and why there are none."""
        return self._queue.state()

    def embed_pending(self, limit: int | None = None) -> int:
        """Compute the vectors that are missing, of at most `limit` chunks; return how many chunks were covered.

        Raises:
            EmbedderMissingError: the embedder cannot be loaded.
            OpenRouterError: it asks OpenRouter, and that fails.
        """
        return self._queue.work(limit)

    def close(self) -> None:
        """Stop the work in the background and close the collection; what is not read or embedded follows next time."""
        self._ingest.close()
        self._queue.close()
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
