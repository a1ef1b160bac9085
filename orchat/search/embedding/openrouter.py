"""Vectors and rankings by OpenRouter: better and in all languages, but the texts of the documents leave the machine."""

from collections.abc import Sequence

import numpy as np

from orchat.openrouter import OpenRouterClient
from orchat.openrouter.books import Books
from orchat.search.embedding import Space, Vectors

BATCH = 64
"""Texts in one request."""


class OpenRouterEmbedder:
    """A model of OpenRouter's `/embeddings`, which knows all languages.

    The client's routing holds: with zero data retention on, only endpoints that retain nothing are asked. Which size
    its vectors have is asked once, with a single word.
    """

    floor = 0.0

    def __init__(self, client: OpenRouterClient, model: str, sizes: dict[str, int] | None = None) -> None:
        """`sizes` are those of the vectors of models that have been asked already."""
        self._client = client
        self._model = model
        self._sizes = {} if sizes is None else sizes

    def counted(self, books: Books) -> "OpenRouterEmbedder":
        """Return the same embedder with its requests entered in books; both learn the size together."""
        return OpenRouterEmbedder(self._client.with_options(books=books), self._model, self._sizes)

    @property
    def space(self) -> Space:
        """The space of its vectors.

        Raises:
            OpenRouterError: OpenRouter cannot be asked, or does not have the model on these terms.
            BudgetReachedError: a budget does not cover it.
        """
        if self._model not in self._sizes:
            (vector,) = self._client.embed(["size"], model=self._model).vectors
            self._sizes[self._model] = len(vector)
        return Space(self._model, "", self._sizes[self._model])

    def knows(self, text: str) -> bool:
        """Whether there is anything to read in a text: empty ones are refused."""
        return bool(text.strip())

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts.

        Raises:
            OpenRouterError: OpenRouter cannot be asked.
        """
        vectors = [
            vector
            for start in range(0, len(texts), BATCH)
            for vector in self._client.embed(texts[start : start + BATCH], model=self._model).vectors
        ]
        return np.asarray(vectors, dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a query."""
        vector: Vectors = self.embed([text])[0]
        return vector


class OpenRouterReranker:
    """A model of OpenRouter's `/rerank`; the client's routing and privacy hold."""

    def __init__(self, client: OpenRouterClient, model: str) -> None:
        self._client = client
        self._model = model

    def counted(self, books: Books) -> "OpenRouterReranker":
        """Return the same reranker with its requests entered in books."""
        return OpenRouterReranker(self._client.with_options(books=books), self._model)

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers the query.

        Raises:
            OpenRouterError: OpenRouter cannot be asked.
        """
        ranking = self._client.rerank(query, passages, model=self._model)
        scores = dict.fromkeys(range(len(passages)), 0.0) | {found.index: found.score for found in ranking.results}
        return list(scores.values())
