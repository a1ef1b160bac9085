"""EmbeddingQueue: computes the vectors that a collection lacks, behind everything else."""

from collections.abc import Sequence
from threading import Event, Lock, Thread
from time import monotonic
from uuid import uuid4

import numpy as np

from orchat.errors import OrchatError
from orchat.search.embedding import Embedder, Space, Vectors
from orchat.search.index import Batch, Index
from orchat.search.records import VectorState

BATCH = 32
"""Chunks that are embedded and kept together: what a crash can cost."""

PAUSE = 60.0
"""Seconds after a failure before it is tried again."""

RETRY = 15.0
"""Seconds after which what somebody else has claimed is asked for again."""

_one_at_a_time = Lock()
"""However many collections there are: embedding takes a core for itself, and people wait for the others."""


class EmbeddingQueue:
    """What is to be embedded in one collection; what is done and what is not is kept in its index.

    The first of the embedders is the one that is wanted; the one that covers most is the one that answers.
    """

    def __init__(self, index: Index, embedders: Sequence[Embedder], *, background: bool) -> None:
        self._index = index
        self._embedders = tuple(embedders)
        self._background = background
        self._holder = uuid4().hex
        self._lock = Lock()
        self._thread: Thread | None = None
        self._wanted_again = False
        self._closing = Event()
        self._stirred = Event()
        self._problems: dict[str, str] = {}
        self._not_before = 0.0

    @property
    def space(self) -> Space | None:
        """The space of the wanted vectors; None without an embedder that works."""
        spaces = self._spaces()
        return spaces[0][1] if spaces and spaces[0][0] is self._embedders[0] else None

    def answering(self) -> tuple[Embedder, Space] | None:
        """The embedder whose vectors cover most chunks, the wanted one first among equals; None if there are none."""
        spaces = self._spaces()
        if not spaces:
            return None
        total, covered = self._index.coverage([space for _, space in spaces])
        if covered[0] < total:
            self.wake()
        best = max(range(len(spaces)), key=covered.__getitem__)
        return spaces[best] if covered[best] else None

    def state(self) -> VectorState:
        """How far the wanted vectors are."""
        space = self.space
        total, covered = self._index.coverage([space] if space else [])
        return VectorState(space.model if space else "", covered[0] if covered else 0, total, self.problem)

    def wake(self) -> None:
        """Go on in the background, if there is something to do."""
        with self._lock:
            if not (self._background and self._embedders) or self._closing.is_set() or monotonic() < self._not_before:
                return
            self._wanted_again = True
            self._stirred.set()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="orchat-embedding", daemon=True)
                self._thread.start()

    def work(self, limit: int | None = None) -> int:
        """Embed what is missing, at most `limit` chunks, and return how many were covered."""
        if not self._embedders:
            return 0
        embedder = self._embedders[0]
        space = embedder.space
        done = 0
        try:
            while (limit is None or done < limit) and not self._closing.is_set():
                covered = self._step(embedder, space, BATCH if limit is None else min(BATCH, limit - done))
                if not covered:
                    break
                done += covered
        finally:
            if done:
                self._index.release(space, self._holder)
        return done

    @property
    def problem(self) -> str:
        """What goes wrong at present, in words for a person."""
        return " ".join(dict.fromkeys(self._problems.values()))

    def report(self, task: str, error: OrchatError | None) -> None:
        """Remember what went wrong with a task, or that it went well."""
        self._problems.pop(task, None)
        if error is not None:
            self._problems[task] = f"{error.message} {error.advice}".strip()

    def close(self) -> None:
        """Stop after the batch that is under way."""
        self._closing.set()
        self._stirred.set()
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted_again or self._closing.is_set():
                    self._thread = None
                    return
                self._wanted_again = False
                self._stirred.clear()
            try:
                self.work()
                self.report("documents", None)
                if not self.state().complete:
                    # Another process is at it, and may have died over it.
                    self._stirred.wait(RETRY)
                    self._wanted_again = True
            except OrchatError as error:
                self.report("documents", error)
                with self._lock:
                    self._not_before = monotonic() + PAUSE
                    self._wanted_again = False

    def _step(self, embedder: Embedder, space: Space, limit: int) -> int:
        with _one_at_a_time:
            batch = self._index.claim(space, self._holder, limit)
            if batch.ids:
                self._index.store(space, self._holder, batch, _embed(embedder, space, batch))
                return len(batch.ids)
        if len(self._embedders) > 1 and self.state().complete:
            self._index.drop_other_spaces(space)
        return 0

    def _spaces(self) -> list[tuple[Embedder, Space]]:
        """The embedders that work, in their order, with their spaces."""
        found = []
        for place, embedder in enumerate(self._embedders):
            try:
                found.append((embedder, embedder.space))
            except OrchatError as error:
                self.report(f"embedder {place}", error)
            else:
                self.report(f"embedder {place}", None)
        return found


def _embed(embedder: Embedder, space: Space, batch: Batch) -> Vectors:
    """The vectors of a batch, with rows of zeros for texts in languages that the embedder does not know."""
    vectors = np.zeros((len(batch.texts), space.dimensions), dtype=np.float32)
    known = [place for place, text in enumerate(batch.texts) if embedder.knows(text)]
    if known:
        vectors[known] = embedder.embed([batch.texts[place] for place in known])
    return vectors
