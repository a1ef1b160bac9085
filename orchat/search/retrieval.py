"""Retrieval: a query's way through words, vectors, fusion and reranking to passages."""

from collections.abc import Mapping, Sequence

from orchat.errors import OrchatError
from orchat.search.embedding import Reranker
from orchat.search.embedding.queue import EmbeddingQueue
from orchat.search.fusion import reciprocal_rank_fusion
from orchat.search.index import Index, IndexedChunk, Scored
from orchat.search.passages import passages, to_hit
from orchat.search.records import Hit
from orchat.search.rerank import reranked, rescaled
from orchat.search.words import Query

CANDIDATES = 100
"""Chunks that each ranking gives."""

RERANKED = 30
"""Of the fused ranking, so many are read again."""

WITNESSES = 10
"""Chunks that tell by their language whether vectors are of use for a query."""


class Retrieval:
    """Search in one collection."""

    def __init__(self, index: Index, queue: EmbeddingQueue, reranker: Reranker | None) -> None:
        self._index = index
        self._queue = queue
        self._reranker = reranker

    def search(self, text: str, k: int, files: Sequence[str] | None) -> list[Hit]:
        """Return up to `k` passages, best first."""
        query = Query(text)
        if not k or not query.terms:
            return []
        words = self._index.match(query, CANDIDATES, files)
        near = self._nearest(query, words, files)
        fused = reciprocal_rank_fusion([[chunk for chunk, _ in found] for found in (words, near) if found])
        chunks = self._index.chunks(list(fused)[: max(RERANKED, 4 * k)])
        there = [(chunk, score) for chunk, score in fused.items() if chunk in chunks]
        ranked = self._reranked(query, there, chunks)
        return [to_hit(passage, dict(words), dict(near)) for passage in passages(ranked, k)]

    def _nearest(self, query: Query, words: Sequence[Scored], files: Sequence[str] | None) -> Sequence[Scored]:
        """What the vectors find, if there are any and they know the language; search never fails for their sake."""
        try:
            answering = self._queue.answering()
            if answering is None:
                return ()
            embedder, space = answering
            if not embedder.knows(query.text):
                return ()
            witnesses = self._index.chunks([chunk for chunk, _ in words[:WITNESSES]]).values()
            if 2 * sum(embedder.knows(chunk.text) for chunk in witnesses) < len(witnesses):
                return ()
            found = self._index.nearest(space, embedder.embed_query(query.text), CANDIDATES, files)
        except OrchatError as error:
            self._queue.report("query", error)
            return ()
        self._queue.report("query", None)
        return [scored for scored in found if scored.score >= embedder.floor]

    def _reranked(
        self, query: Query, ranked: Sequence[tuple[int, float]], chunks: Mapping[int, IndexedChunk]
    ) -> list[tuple[IndexedChunk, float]]:
        """The chunks in their final order: as the reranker has it, or as their words do."""
        if self._reranker is not None and ranked:
            first = [chunks[id_] for id_, _ in ranked[:RERANKED]]
            try:
                scores = self._reranker.scores(query.text, [chunk.text for chunk in first])
                self._queue.report("ranking", None)
                return sorted(zip(first, scores, strict=True), key=lambda item: -item[1])
            except OrchatError as error:
                self._queue.report("ranking", error)
        again = [*reranked(query, ranked[:RERANKED], chunks), *rescaled(ranked[RERANKED:])]
        return [(chunks[id_], score) for id_, score in again]
