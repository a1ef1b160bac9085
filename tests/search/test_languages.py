import pytest

from orchat.search.languages import is_english, language
from tests.search.documents import labelled


@pytest.mark.parametrize("file", ["corpus.tsv", "questions.tsv"])
def test_english_is_told_from_other_languages(file: str):
    wrong = [text for code, _, text in labelled(file) if is_english(text) != (code == "en")]
    # A question of three words can be both.
    assert len(wrong) <= (0 if file == "corpus.tsv" else 2), wrong


@pytest.mark.parametrize(
    "text, code",
    [
        ("Wie lange dauert es?", "de"),
        ("Où est la gare ?", "fr"),
        ("¿Dónde está el museo?", "es"),
        ("Gdzie jest dworzec?", "pl"),
        ("2026", None),
        ("", None),
        ("東京", None),
    ],
)
def test_small_words_tell_the_language(text: str, code: str | None):
    assert language(text) == code


@pytest.mark.parametrize("text", ["", "x = 1", "Schrödinger's equation and what it is for", "router", "boundary layer"])
def test_what_may_be_english_is_taken_for_it(text: str):
    assert is_english(text)
