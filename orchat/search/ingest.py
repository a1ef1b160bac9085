"""IngestQueue: reads the files that were added, each in a process of its own, and puts them into the index."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import BoundedSemaphore, Event, Lock, Thread, current_thread
from types import TracebackType
from typing import Self
from uuid import uuid4

from orchat.errors import CollectionFullError, DocumentError, OpenRouterError, OrchatError
from orchat.search.chunking import chunks
from orchat.search.document import Parsed
from orchat.search.embedding.queue import EmbeddingQueue
from orchat.search.index import Index, NewFile
from orchat.search.intake import Upload
from orchat.search.jobs import LEASE, Job, Jobs, NewJob
from orchat.search.parsing import ParseLimits, parse
from orchat.search.scans import ScanReader, with_scans

logger = logging.getLogger(__name__)

READERS = 2
"""Files that are read at once, however many collections there are."""

RETRY = 5.0
"""Seconds after which jobs that another process holds, or that a failure left, are asked for again."""

UNREADABLE = "No process could be started to read the file."

_reading = BoundedSemaphore(READERS)


class IngestQueue:
    """What is to be read in one collection; the jobs are kept in its index."""

    def __init__(
        self,
        index: Index,
        embedding: EmbeddingQueue,
        *,
        limits: ParseLimits,
        scans: ScanReader | None = None,
        background: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._index = index
        self._jobs = index.jobs
        self._embedding = embedding
        self._limits = limits
        self._scans = scans
        self._background = background
        self._now = now
        self._holder = uuid4().hex
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._stirred = Event()
        self._closing = Event()

    def put(self, uploads: Sequence[Upload]) -> None:
        """Keep files as jobs, and read them: in the background, or where there is none before this returns."""
        if uploads:
            self._jobs.put([NewJob(self._job(upload), upload.data) for upload in uploads])
        if self._background:
            self.wake()
        else:
            self.work()

    def wake(self) -> None:
        """Go on in the background, if there is something to do."""
        with self._lock:
            if not self._background or self._closing.is_set():
                return
            self._stirred.set()
            if len(self._threads) < READERS:
                thread = Thread(target=self._run, name="orchat-ingest", daemon=True)
                self._threads.append(thread)
                thread.start()

    def work(self, limit: int | None = None) -> int:
        """Read what waits, at most `limit` files, and return how many were read."""
        done = 0
        while (limit is None or done < limit) and not self._closing.is_set():
            with _reading:
                new = self._jobs.claim(self._holder)
                if new is None:
                    break
                self._read(new)
            done += 1
        return done

    def close(self) -> None:
        """Stop, and put back what is being read."""
        with self._lock:
            self._closing.set()
            self._stirred.set()
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def _job(self, upload: Upload) -> Job:
        return Job(uuid4().hex, upload.name, len(upload.data), upload.sha256, self._now())

    def _run(self) -> None:
        while True:
            self._stirred.clear()
            try:
                self.work()
                waiting = any(job.state != "failed" for job in self._jobs.all())
            except OrchatError as error:
                logger.warning("Reading files is held up: %s", error.message)
                waiting = True
            with self._lock:
                if self._closing.is_set() or not (waiting or self._stirred.is_set()):
                    self._threads.remove(current_thread())
                    return
            # Another process is at what waits, and may have died over it.
            self._stirred.wait(RETRY)

    def _read(self, new: NewJob) -> None:
        job = new.job
        with _Lease(self._jobs, job.id, self._holder):
            try:
                parsed = self._parsed(new.data)
                if self._closing.is_set():
                    # A quick read ends before it is told to stop; what follows would hold up the end.
                    self._jobs.release(job.id, self._holder)
                    return
                found = chunks(parsed)
                # Meanwhile it may have been removed, or replaced by a newer file of the name.
                if self._jobs.renew(job.id, self._holder):
                    file = NewFile(job.name, parsed.mime, new.data, job.sha256, parsed, found, job.added_at)
                    self._index.add(file)
            except (DocumentError, CollectionFullError, OpenRouterError) as error:
                self._give_up(job, error.message, error.advice)
                return
            except (OSError, MemoryError) as error:
                logger.warning("A file was not read: %s", error)
                self._give_up(job, UNREADABLE, "Try again when the machine has more room.")
                return
            except OrchatError:
                # The index cannot be written, since the disk is full, say: that is no fault of the file.
                self._jobs.release(job.id, self._holder)
                raise
            self._jobs.finish(job.id, self._holder)
        self._embedding.wake()

    def _parsed(self, data: bytes) -> Parsed:
        parsed = parse(data, limits=self._limits, stop=self._closing, scans=self._scans is not None)
        if self._scans is None or parsed.mime != "application/pdf" or not parsed.pages_without_text:
            return parsed
        try:
            return with_scans(parsed, data, self._scans, self._limits, self._closing.is_set)
        except OrchatError as error:
            if not parsed.parts:
                raise
            # The pages that have text can be searched; the status counts the others.
            logger.warning("Pages without text were not read: %s", error.message)
            return parsed

    def _give_up(self, job: Job, reason: str, advice: str) -> None:
        if self._closing.is_set():
            self._jobs.release(job.id, self._holder)
        else:
            self._jobs.fail(job.id, self._holder, reason, advice)


class _Lease:
    """Renews the lease of a job while its file is read."""

    def __init__(self, jobs: Jobs, job: str, holder: str) -> None:
        self._jobs = jobs
        self._job = job
        self._holder = holder
        self._over = Event()
        self._thread = Thread(target=self._run, name="orchat-lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(LEASE / 3):
            try:
                if not self._jobs.renew(self._job, self._holder):
                    return
            except OrchatError as error:
                logger.warning("A lease was not renewed: %s", error.message)
