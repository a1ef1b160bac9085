"""Embedders for tests: quick, and as clear about what is alike as a test needs."""

from collections.abc import Sequence

import numpy as np

from orchat.errors import EmbedderMissingError
from orchat.search.embedding import Space, Vectors

TOPICS = {
    "animal": ("cat", "kitten", "feline", "dog", "puppy"),
    "tax": ("tax", "levy", "duty", "revenue"),
    "weather": ("rain", "storm", "drizzle", "downpour"),
}


class Topics:
    """A dimension for each topic: texts about the same one lie together, whatever their words."""

    floor = 0.1

    def __init__(self, model: str = "topics", *, refuses: str = "\0") -> None:
        self.space = Space(model, "", len(TOPICS))
        self.refuses = refuses
        self.embedded: list[str] = []

    def knows(self, text: str) -> bool:
        return self.refuses not in text

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        rows = [[sum(word in text.lower() for word in words) for words in TOPICS.values()] for text in texts]
        return np.asarray(rows, dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        return self.embed([text])[0]


class Missing(Topics):
    """An embedder that is not installed."""

    def __init__(self) -> None:
        self.embedded = []

    @property
    def space(self) -> Space:  # type: ignore[override] # the test of a failure
        raise EmbedderMissingError("The model is not installed.")
