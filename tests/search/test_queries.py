"""Whatever somebody types is text, and nothing in it is syntax."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchat.search import Collection
from orchat.search.words import MAX_TERMS, Query, indexed_text, split
from tests.search.documents import add, names

HOSTILE = [
    "",
    " ",
    "\0",
    "moon\0tides",
    '"',
    '"moon',
    "moon'",
    "'; DROP TABLE files; --",
    "moon AND",
    "NOT moon",
    "NEAR(moon tides, 5)",
    "text:moon",
    "head : moon",
    "{head text} : moon",
    "- head : moon",
    "moon*",
    "^moon",
    "moon + tides",
    "(moon OR",
    "moon OR OR tides",
    "\\moon",
    "%s %(name)s {0}",
    "moon:*",
    "moon & | ! <-> tides",
    "':*",
    "\ud800",
    "\u202e\ufeff\u200b",
    "🌕🌖",
    "a" * 100_000,
    "moon " * 20_000,
    "月" * 100_000,
    '"' * 100_000,
    "(" * 100_000,
    " ".join(f"word{number}" for number in range(12_000)),
]


@pytest.fixture
def moon(collection: Collection) -> Collection:
    add(collection, "a.txt", "The moon makes tides.")
    add(collection, "b.txt", "Nothing of the kind.")
    return collection


def test_no_query_fails_or_finds_what_it_does_not_name(moon: Collection):
    for query in HOSTILE:
        assert set(names(moon, query)) <= ({"a.txt"} if "moon" in query or "tides" in query else set()), query[:40]


def test_operators_are_words(moon: Collection):
    add(moon, "c.txt", "and or not near")
    assert names(moon, "NOT moon OR NEAR") == ["c.txt", "a.txt"] or set(names(moon, "NOT moon OR NEAR")) == {
        "c.txt",
        "a.txt",
    }
    assert names(moon, "NOT tides") != []


def test_any_text_can_be_indexed_and_removed_again(collection: Collection):
    file = add(collection, "na\0me \ud800.txt", "moon \0 tides \ud800 \u202e " + "x" * 50_000)
    (hit,) = collection.search("tides")
    assert len(hit.text) == len("moon \0 tides \ud800 \u202e " + "x" * 50_000)
    collection.remove(file.id)
    assert collection.search("tides") == []


def test_a_long_query_is_read_from_its_beginning():
    assert len(Query(" ".join(map(str, range(10_000)))).terms) == MAX_TERMS


def test_small_words_are_left_out_unless_there_are_no_others():
    assert [term.text for term in Query("What is the moon?").terms] == ["moon"]
    assert [term.text for term in Query("to be or not to be").terms] == ["to", "be", "or", "not"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_every_word_of_a_text_can_be_asked_for(text: str):
    for term in Query(text).terms:
        assert not set(term.text) & set("\"'*()\\ \0")


@given(st.text(alphabet="月火水木金土日 ab"))
def test_pairs_hold_every_character(text: str):
    assert set(text) - {" "} <= set(indexed_text(text))
    assert set("".join(split(text))) == set(text) - {" "}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60))
def test_a_text_is_found_by_itself(text: str):
    with Collection.open(":memory:", "ann") as collection:
        file = add(collection, "a", text)
        found = [hit.file for hit in collection.search(text)]
        assert found in ([], [file.id])
        collection.remove(file.id)
        assert collection.search(text) == []
