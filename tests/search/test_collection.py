"""Documents go in, and out again, the same way everywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from orchat.errors import NotFoundError, SearchError
from orchat.search import Collection, Part, Place
from tests.search.conftest import Open
from tests.search.documents import add, add_in_pieces, names, parts_of


def test_a_document_is_found_with_its_place(collection: Collection):
    file = add(collection, "tides.pdf", "About the sun.", "They follow the moon.", heading=("The sea", "Ebb"))
    (hit,) = collection.search("moons")
    assert hit.text == "They follow the moon."
    assert (hit.file, hit.name, hit.page, hit.heading) == (file.id, "tides.pdf", 2, "The sea › Ebb")
    assert (hit.part, hit.start, hit.end) == (1, 0, len(hit.text))
    assert 0 < hit.score <= 1
    assert hit.words is not None
    assert hit.similarity is None


def test_a_file_knows_what_it_is(open_collection: Open):
    clock = datetime(2026, 11, 25, tzinfo=UTC)
    collection = open_collection(now=lambda: clock)
    file = add(collection, "a.txt", "one", "", "three", title="Numbers", data=b"abc")
    assert collection.files() == [file]
    assert (file.name, file.mime, file.size, file.title, file.pages) == ("a.txt", "text/plain", 3, "Numbers", 3)
    assert (file.chunks, file.embedded, file.added_at) == (2, 0, clock)
    assert file.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_can_be_read_whole_or_by_page(collection: Collection):
    file = add(collection, "a.txt", "one", "two", "three", data=b"\0\xff original")
    assert [part.text for part in collection.read(file.id)] == ["one", "two", "three"]
    assert collection.read(file.id, [3, 1, 9]) == [Part("one", Place("page", 1)), Part("three", Place("page", 3))]
    assert collection.read(file.id, []) == []
    assert collection.original(file.id) == b"\0\xff original"


def test_the_same_content_is_not_indexed_twice(collection: Collection):
    first = add(collection, "a.txt", "Tides follow the moon.")
    assert add(collection, "b.txt", "Tides follow the moon.").id == first.id
    assert names(collection, "moon") == ["a.txt"]
    assert collection.find(b"Tides follow the moon.") == first
    assert collection.find(b"else") is None


def test_a_changed_file_takes_the_place_of_its_former_self(collection: Collection):
    former = add(collection, "a.txt", "Tides follow the moon.")
    add(collection, "other.txt", "Something else.")
    add(collection, "a.txt", "Winds follow the sun.")
    assert names(collection, "moon") == []
    assert names(collection, "sun") == ["a.txt"]
    assert [file.name for file in collection.files()] == ["other.txt", "a.txt"]
    with pytest.raises(NotFoundError):
        collection.original(former.id)


def test_a_file_that_becomes_like_another_one_is_that_one(collection: Collection):
    add(collection, "a.txt", "Tides follow the moon.")
    other = add(collection, "b.txt", "Winds follow the sun.")
    assert add(collection, "a.txt", "Winds follow the sun.").id == other.id
    assert collection.files() == [other]


def test_a_file_that_fails_leaves_the_former_one(collection: Collection):
    add(collection, "a.txt", "Tides follow the moon.")
    parsed, chunks = parts_of(("Winds follow the sun.",))
    with pytest.raises(ZeroDivisionError):
        collection.add_document("a.txt", b"x", "text/plain", parsed, Failing(chunks))
    assert names(collection, "moon") == ["a.txt"]
    assert names(collection, "sun") == []


class Failing(list):
    """Chunks of which the second cannot be had."""

    def __iter__(self) -> Iterator:
        yield from super().__iter__()
        raise ZeroDivisionError


def test_what_was_removed_is_gone(collection: Collection):
    gone = add(collection, "a.txt", "Tides follow the moon.")
    kept = add(collection, "b.txt", "The moon is far.")
    collection.remove(gone.id)
    assert names(collection, "moon tides follow") == ["b.txt"]
    assert collection.files() == [kept]
    for ask in (collection.read, collection.original, collection.remove):
        with pytest.raises(NotFoundError, match="no such file"):
            ask(gone.id)


def test_words_count_as_if_what_was_removed_had_never_been_there(collection: Collection):
    for number in range(30):
        add(collection, f"{number}.txt", f"The moon number {number} shines.")
    for file in collection.files():
        collection.remove(file.id)
    with Collection.open(":memory:", "ann") as fresh:
        for each in (collection, fresh):
            add(each, "a.txt", "moon")
            add(each, "b.txt", "sun and stars")
        assert collection.search("moon")[0].words == pytest.approx(fresh.search("moon")[0].words)


def test_search_can_be_limited_to_files(collection: Collection):
    ids = [add(collection, f"{name}.txt", f"The moon of {name}.").id for name in ("mars", "venus", "earth")]
    empty = add(collection, "empty.txt", "")
    assert set(names(collection, "moon", files=[ids[0], ids[2]])) == {"mars.txt", "earth.txt"}
    assert names(collection, "moon", files=[]) == names(collection, "moon", files=[empty.id]) == []
    with pytest.raises(NotFoundError):
        collection.search("moon", files=["another"])


def test_a_title_counts_more_than_the_text(collection: Collection):
    add(collection, "a.txt", "A word on badgers, which are shy.", title="Forests")
    add(collection, "b.txt", "They are shy and live underground.", title="Badgers")
    assert names(collection, "badgers")[0] == "b.txt"


def test_a_file_is_found_by_its_name(collection: Collection):
    add(collection, "annual-report_2025.pdf", "Nothing but numbers.")
    assert names(collection, "annual report") == ["annual-report_2025.pdf"]


def test_chunks_that_follow_each_other_become_one_passage(collection: Collection):
    page = " ".join(f"Sentence {number} speaks of the moon." for number in range(20))
    add_in_pieces(collection, "a.txt", page, size=120, overlap=30)
    hits = collection.search("moon", k=50)
    assert len(hits) == 3
    assert all(hit.text == page[hit.start : hit.end] for hit in hits)
    assert all(len(hit.text) > 120 for hit in hits)


def test_a_page_is_shown_at_most_three_times(collection: Collection):
    lines = [f"The moon, part {number}." if number % 3 == 0 else "Nothing of it." for number in range(40)]
    add_in_pieces(collection, "a.txt", "".join(line.ljust(40) for line in lines), size=40, overlap=0)
    add(collection, "b.txt", "The moon once.")
    found = names(collection, "moon", k=50)
    assert (found.count("a.txt"), found.count("b.txt")) == (3, 1)


def test_as_many_passages_come_as_were_asked_for(collection: Collection):
    for number in range(60):
        add(collection, f"{number}.txt", f"The moon in night number {number}.")
    assert [len(collection.search("moon", k)) for k in (-1, 0, 1, 7, 50, 1_000)] == [0, 0, 1, 7, 50, 50]


def test_scores_fall(collection: Collection):
    for number in range(60):
        add(collection, f"{number}.txt", "The moon " + "and the sea " * number)
    scores = [hit.score for hit in collection.search("moon sea", 50)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_a_collection_that_is_closed_says_so(collection: Collection):
    collection.close()
    with pytest.raises(SearchError, match="closed"):
        collection.search("moon")


def test_an_empty_collection_finds_nothing(collection: Collection):
    assert collection.search("moon") == []
    assert collection.files() == []
    assert collection.vectors.total == 0


def test_many_small_documents_keep_their_places(collection: Collection):
    numbers = count()
    for name in ("a", "b", "c"):
        add(collection, f"{name}.txt", *(f"word{next(numbers)} of {name}" for _ in range(10)))
    for number, name in ((3, "a"), (17, "b"), (29, "c")):
        (hit,) = collection.search(f"word{number}")
        assert (hit.name, hit.page) == (f"{name}.txt", number % 10 + 1)
