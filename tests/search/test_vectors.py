"""Vectors follow, resume, give way to those of another embedder, and are never needed."""

import threading
import time
from typing import Any

import pytest

from orchat.errors import EmbedderMissingError, ServerError
from orchat.search import Collection
from orchat.search.embedding import queue
from orchat.search.sqlite import vector_scan
from tests.search.conftest import Open
from tests.search.documents import add, names
from tests.search.embedders import Missing, Topics


def fill(collection: Collection) -> None:
    add(collection, "a.txt", "The kitten sleeps.")
    add(collection, "b.txt", "A levy on imports.")
    add(collection, "c.txt", "A downpour tonight.")


def test_vectors_find_what_shares_no_word(open_collection: Open):
    collection = open_collection(embedders=[Topics()])
    fill(collection)
    assert names(collection, "puppy") == []
    assert collection.embed_pending() == 3
    (hit,) = collection.search("puppy")
    assert (hit.name, hit.words, hit.similarity) == ("a.txt", None, pytest.approx(1.0))


def test_the_state_says_how_far_they_are(open_collection: Open):
    collection = open_collection(embedders=[Topics()])
    fill(collection)
    assert collection.embed_pending(limit=2) == 2
    state = collection.vectors
    assert (state.model, state.done, state.total, state.complete, state.problem) == ("topics", 2, 3, False, "")
    assert [file.embedded for file in collection.files()] == [1, 1, 0]
    collection.embed_pending()
    assert collection.vectors.complete


def test_only_what_is_new_is_embedded(open_collection: Open):
    embedder = Topics()
    collection = open_collection(embedders=[embedder])
    fill(collection)
    collection.embed_pending()
    collection.remove(collection.files()[0].id)
    add(collection, "d.txt", "A new dog.")
    assert collection.embed_pending() == 1
    assert [text.split("\n")[-1] for text in embedder.embedded].count("The kitten sleeps.") == 1
    assert names(collection, "cat") == ["d.txt"]


def test_a_replaced_file_is_found_by_its_new_meaning(open_collection: Open):
    collection = open_collection(embedders=[Topics()])
    fill(collection)
    collection.embed_pending()
    assert names(collection, "feline") == ["a.txt"]
    add(collection, "a.txt", "Revenue of the state.")
    assert names(collection, "feline") == []
    collection.embed_pending()
    assert set(names(collection, "duty")) == {"a.txt", "b.txt"}


def test_search_can_be_limited_to_files(open_collection: Open):
    collection = open_collection(embedders=[Topics()])
    fill(collection)
    other = add(collection, "d.txt", "Another dog.")
    collection.embed_pending()
    assert set(names(collection, "puppy")) == {"a.txt", "d.txt"}
    assert names(collection, "puppy", files=[other.id]) == ["d.txt"]
    assert names(collection, "puppy", files=[]) == []


def test_the_old_vectors_answer_until_the_new_ones_are_complete(open_collection: Open):
    old, new = Topics("old"), Topics("new")
    collection = open_collection(embedders=[old])
    fill(collection)
    collection.embed_pending()
    changed = open_collection(embedders=[new, old])
    if changed.vectors.total == 0:  # in memory nothing is shared
        fill(changed)
        changed._queue._embedders = (old,)
        changed.embed_pending()
        changed._queue._embedders = (new, old)
    assert changed.vectors.model == "new"
    assert changed.embed_pending(limit=1) == 1
    old.embedded.clear()
    assert names(changed, "storm") == ["c.txt"]
    assert old.embedded == ["storm"]
    changed.embed_pending()
    new.embedded.clear()
    assert names(changed, "storm") == ["c.txt"]
    assert new.embedded == ["storm"]
    total, (covered,) = changed._index.coverage([old.space])
    assert (total, covered) == (3, 0)


def test_texts_in_a_language_that_the_embedder_does_not_know_get_no_vector(open_collection: Open):
    embedder = Topics(refuses="Katze")
    collection = open_collection(embedders=[embedder])
    fill(collection)
    add(collection, "d.txt", "Die Katze, cat.")
    collection.embed_pending()
    assert collection.vectors.complete
    assert not any("Katze" in text for text in embedder.embedded)
    assert names(collection, "feline") == ["a.txt"]


def test_a_query_whose_words_stand_in_another_language_is_left_to_words(open_collection: Open):
    collection = open_collection(embedders=[Topics(refuses="Katze")])
    fill(collection)
    add(collection, "d.txt", "Katze und cat")
    collection.embed_pending()
    assert names(collection, "cat") == ["d.txt"]


def test_without_its_model_search_goes_on_by_words_and_says_so(open_collection: Open):
    collection = open_collection(embedders=[Missing()])
    fill(collection)
    assert names(collection, "kitten") == ["a.txt"]
    state = collection.vectors
    assert (state.model, state.done, state.complete) == ("", 0, False)
    assert "not installed" in state.problem
    assert "requirements-search.txt" in state.problem
    with pytest.raises(EmbedderMissingError):
        collection.embed_pending()


def test_another_one_does_not_embed_what_somebody_is_at(open_collection: Open, address: Any):
    if address == ":memory:":
        pytest.skip("a collection in memory has one user")
    first, second = (open_collection(embedders=[Topics()]) for _ in range(2))
    fill(first)
    first._index.claim(first._queue.space, "first", 1)
    assert second.embed_pending() == 0
    first._index.release(first._queue.space, "first")
    assert second.embed_pending() == 3


def test_what_somebody_died_over_is_taken_up(open_collection: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "RETRY", 0.01)
    collection = open_collection(embedders=[Topics()])
    fill(collection)
    space = collection._queue.space
    collection._index.claim(space, "dead", 1)
    collection._queue._background = True
    collection._queue.wake()
    time.sleep(0.1)
    assert collection.vectors.done == 0
    collection._index.release(space, "dead")
    wait_until(lambda: collection.vectors.complete)


def test_they_follow_in_the_background(open_collection: Open):
    collection = open_collection(embedders=[Topics()], background=True)
    fill(collection)
    wait_until(lambda: collection.vectors.complete)
    assert names(collection, "puppy") == ["a.txt"]


def test_what_was_left_follows_at_the_next_opening(open_collection: Open, address: Any):
    if address == ":memory:":
        pytest.skip("a collection in memory is opened once")
    before = open_collection(embedders=[Topics()])
    fill(before)
    assert before.embed_pending(limit=1) == 1
    before.close()
    collection = open_collection(embedders=[Topics()], background=True)
    wait_until(lambda: collection.vectors.complete)


def test_a_failure_is_told_and_tried_again(open_collection: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "PAUSE", 0.0)
    embedder = Failing()
    collection = open_collection(embedders=[embedder], background=True)
    fill(collection)
    wait_until(lambda: "overloaded" in collection.vectors.problem)
    assert names(collection, "kitten") == ["a.txt"]
    embedder.works = True
    add(collection, "d.txt", "A dog.")
    wait_until(lambda: collection.vectors.complete)
    wait_until(lambda: collection.vectors.problem == "")


class Failing(Topics):
    works = False

    def embed(self, texts: Any) -> Any:
        if not self.works:
            raise ServerError("OpenRouter is overloaded.")
        return super().embed(texts)


def test_a_query_that_cannot_be_embedded_is_answered_by_words(open_collection: Open):
    embedder = Failing()
    embedder.works = True
    collection = open_collection(embedders=[embedder])
    fill(collection)
    collection.embed_pending()
    embedder.works = False
    assert names(collection, "kitten") == ["a.txt"]
    assert "overloaded" in collection.vectors.problem


def test_closing_ends_the_work(open_collection: Open):
    collection = open_collection(embedders=[Slow()], background=True)
    for number in range(200):
        add(collection, f"{number}.txt", f"A cat, number {number}.")
    collection.close()
    assert not any(thread.name == "orchat-embedding" for thread in threading.enumerate())


class Slow(Topics):
    def embed(self, texts: Any) -> Any:
        time.sleep(0.02)
        return super().embed(texts)


def test_many_vectors_are_scanned_as_well_as_few(monkeypatch: pytest.MonkeyPatch):
    import numpy as np

    random = np.random.default_rng(7)
    vectors = random.standard_normal((3_000, 100)).astype(np.float32)
    query = vectors[1234] + 0.5 * random.standard_normal(100).astype(np.float32)
    block = (10, 3_000, vector_scan.quantized(vectors).tobytes())
    scan = vector_scan.VectorScan.empty(100).extended([block])
    exact = scan.nearest(query, 10, None)
    monkeypatch.setattr(vector_scan, "EXACT", 300)
    assert scan.nearest(query, 10, None)[:3] == exact[:3]
    assert exact[0].chunk == 1244
    cosines = vectors @ query / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query)
    assert exact[0].score == pytest.approx(float(cosines.max()), abs=0.01)
    assert [found.chunk for found in scan.nearest(query, 10, [(11, 13), (2_000, 2_001)])] != []
    assert {found.chunk for found in scan.nearest(-query, 10, [(11, 13), (12, 14)])} <= {11, 12, 13}


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
