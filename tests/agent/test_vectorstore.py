"""LangChain's own suite for vector stores, over every kind of collection."""

# ruff: noqa: F811 - fixtures are asked for by the names that they were imported by
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from orchat.agent.vectorstore import CollectionVectorStore
from tests.search.conftest import address, pgvector  # noqa: F401 - fixtures
from tests.search.documents import add

EMBEDDINGS = DeterministicFakeEmbedding(size=6)


@pytest.fixture
def vectorstore(address: str | Path) -> Iterator[CollectionVectorStore]:
    store = CollectionVectorStore.open(address, "ann", EMBEDDINGS)
    yield store
    store.collection.close()


class TestStandard(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, address: str | Path) -> Iterator[CollectionVectorStore]:
        store = CollectionVectorStore.open(address, "ann", EMBEDDINGS)
        yield store
        store.collection.close()


def test_a_passage_of_a_file_comes_with_its_place(vectorstore: CollectionVectorStore):
    file = add(vectorstore.collection, "tides.pdf", "About the sun.", "They follow the moon.", heading=("The sea",))
    retriever = vectorstore.as_retriever(search_kwargs={"k": 1, "files": [file.id]})
    (document,) = retriever.invoke("moon")
    assert document.page_content == "They follow the moon."
    assert document.metadata == {
        "file": file.id,
        "name": "tides.pdf",
        "page": 2,
        "heading": "The sea",
        "start": 0,
        "end": 21,
    }


def test_documents_with_the_same_text_are_two(vectorstore: CollectionVectorStore):
    ids = vectorstore.add_texts(["moon", "moon"], [{"from": "a"}, {"from": "b"}])
    assert len(set(ids)) == 2
    assert {document.metadata["from"] for document in vectorstore.similarity_search("moon")} == {"a", "b"}


def test_scores_are_from_0_to_1(vectorstore: CollectionVectorStore):
    vectorstore.add_texts(["moon and tides", "sun", "stars"])
    found = vectorstore.similarity_search_with_relevance_scores("moon and tides", k=3)
    assert found[0][0].page_content == "moon and tides"
    assert all(0 <= score <= 1 for _, score in found)


def test_everything_can_be_deleted(vectorstore: CollectionVectorStore):
    vectorstore.add_texts(["moon", "sun"])
    vectorstore.delete()
    assert vectorstore.similarity_search("moon") == []


def test_a_store_is_made_from_texts():
    store = CollectionVectorStore.from_texts(["moon", "sun"], EMBEDDINGS, [{"n": 1}, {"n": 2}], ids=["a", "b"])
    assert store.similarity_search("sun", k=1) == [Document(page_content="sun", metadata={"n": 2}, id="b")]
    assert store.embeddings is EMBEDDINGS
    store.collection.close()
