"""Embedders: from texts to vectors in which what means the same lies close together."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""One row for each text; a single vector has one dimension only."""


class Space(NamedTuple):
    """What vectors have to share to be compared: another model, another file of it or another size is another space."""

    model: str
    sha256: str
    """Of the model's file, as hexadecimal digits; empty where somebody else runs it."""
    dimensions: int


class Embedder(Protocol):
    """Computes vectors. May be used from several threads.

    Every call may raise EmbedderMissingError (it cannot be loaded) and OpenRouterError; a collection then goes on
    by words.
    """

    @property
    def space(self) -> Space:
        """The space of its vectors."""

    @property
    def floor(self) -> float:
        """The cosine below which two texts have nothing to do with each other."""

    def knows(self, text: str) -> bool:
        """Whether a text is in a language that it was made for: vectors of others do more harm than good."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages, in shape (texts, dimensions)."""

    def embed_query(self, text: str) -> Vectors:
        """The vector of a query, in shape (dimensions,)."""


class Reranker(Protocol):
    """Sorts passages anew by reading query and passage together."""

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """One score for each passage, higher is better; may raise OpenRouterError."""
