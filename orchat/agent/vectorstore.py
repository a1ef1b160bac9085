"""A collection as LangChain's vector store, so that chains and other people's agents can search in it."""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from orchat.search import Chunk, Collection, Hit, Parsed, Part, Place
from orchat.search.embedding import Space, Vectors

MIME = "application/x-langchain-document+json"
"""The type of what was added as a document of LangChain; its id is the name of the file."""


class LangChainEmbedder:
    """LangChain's embeddings as an embedder; `model` tells its vectors from those of others."""

    floor = -1.0

    def __init__(self, embeddings: Embeddings, model: str) -> None:
        self.embeddings = embeddings
        self._model = model

    @cached_property
    def space(self) -> Space:
        """The space of its vectors, whose size is asked once."""
        return Space(self._model, "", len(self.embeddings.embed_query("size")))

    def knows(self, _text: str) -> bool:
        """Whether a text is in a language that it was made for; LangChain does not say."""
        return True

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages."""
        return np.asarray(self.embeddings.embed_documents(list(texts)), dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a query."""
        return np.asarray(self.embeddings.embed_query(text), dtype=np.float32)


class CollectionVectorStore(VectorStore):
    """LangChain's face of a collection: found by words and by meaning, both as good as ever.

    Documents that are added here are not cut up. The files that a collection has otherwise are found too, as passages
    with `file`, `name`, `page`, `heading`, `start` and `end` as their metadata. Metadata has to fit into JSON.
    """

    def __init__(self, collection: Collection, embeddings: Embeddings | None = None) -> None:
        self.collection = collection
        self._embeddings = embeddings

    @classmethod
    def open(cls, path_or_url: str | Path, owner: str, embeddings: Embeddings, *, name: str = "") -> Self:
        """Open a collection with LangChain's embeddings; it takes what `Collection.open` takes.

        Raises:
            NotFoundError: the collection is somebody else's.
            SearchError: it cannot be opened.
        """
        embedder = LangChainEmbedder(embeddings, type(embeddings).__name__)
        collection = Collection.open(path_or_url, owner, name=name, embedders=[embedder], background=False)
        return cls(collection, embeddings)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        path_or_url: str | Path = ":memory:",
        owner: str = "",
        **_: Any,
    ) -> Self:
        """Return a new store with these texts, in memory unless it is said where."""
        store = cls.open(path_or_url, owner, embedding)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    @property
    def embeddings(self) -> Embeddings | None:
        """LangChain's embeddings, if these are used."""
        return self._embeddings

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str | None] | list[str] | None = None,
        **_: Any,
    ) -> list[str]:
        """Add texts, in place of those with the same ids, and return their ids; their vectors are there at once."""
        given = list(texts)
        named = [id_ or uuid4().hex for id_ in ids or [None] * len(given)]
        for id_, text, metadata in zip(named, given, metadatas or [{}] * len(given), strict=True):
            data = json.dumps({"id": id_, "page_content": text, "metadata": metadata}).encode()
            place = Place("section")
            parsed = Parsed(MIME, (Part(text, place),))
            self.collection.add_document(id_, data, MIME, parsed, [Chunk(text, place, 0, 0, len(text))])
        self.collection.embed_pending()
        return named

    def delete(self, ids: list[str] | None = None, **_: Any) -> bool:
        """Forget documents, all of them without `ids`; those that are not there are passed over."""
        names = [file.name for file in self.collection.files()] if ids is None else ids
        for file in filter(None, map(self.collection.named, names)):
            self.collection.remove(file.id)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return those of the documents that are there."""
        found = filter(None, map(self.collection.named, ids))
        return [self._document(file.id) for file in found if file.mime == MIME]

    def similarity_search(
        self, query: str, k: int = 4, *, files: Sequence[str] | None = None, **_: Any
    ) -> list[Document]:
        """Return the best documents and passages, at most 50; `files` are ids of files to search in."""
        return [document for document, _score in self.similarity_search_with_score(query, k, files=files)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, *, files: Sequence[str] | None = None, **_: Any
    ) -> list[tuple[Document, float]]:
        """Return them with their scores, from 0 to 1, higher is better."""
        return [
            (self._document(hit.file) if hit.mime == MIME else _passage(hit), hit.score)
            for hit in self.collection.search(query, k, files)
        ]

    def _select_relevance_score_fn(self) -> Any:
        return float

    def _document(self, file: str) -> Document:
        return Document(**json.loads(self.collection.original(file)))


def _passage(hit: Hit) -> Document:
    metadata = {
        "file": hit.file,
        "name": hit.name,
        "page": hit.page,
        "heading": hit.heading,
        "start": hit.start,
        "end": hit.end,
    }
    return Document(page_content=hit.text, metadata=metadata)
