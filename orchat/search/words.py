"""From text to the words that are indexed and looked for, the same way for documents and queries."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from orchat.search.languages import function_words
from orchat.search.storable import storable

ANALYSIS = 1
"""Counts up when the same text gives other words than before: an index that was written by another one is rebuilt."""

MAX_TERMS = 64
"""Of a query. Who pastes a page asks for its first words; each one costs a walk through its occurrences."""

# Scripts that are written without spaces, and Hangul, whose particles cling to the words: kana, Han, Hangul, Thai,
# Lao, Burmese and Khmer. Two characters at a time serve as words.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fffd"
)
_RUN = re.compile(f"[{_UNSPACED}]+")
# Letters and digits of any script with their combining marks, which `\w` leaves out.
_WORD = re.compile(
    r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u109f\u1780-\u17ff])+"
)


def indexed_text(text: str) -> str:
    """Return text as it goes into a full-text index: composed, with runs of unspaced script as pairs of characters."""
    if text.isascii():
        return text
    # NFKC: full-width letters and ligatures as PDFs have them become ordinary ones.
    return storable(_RUN.sub(_pairs, unicodedata.normalize("NFKC", text)))


def _pairs(run: re.Match[str]) -> str:
    characters = run[0]
    if len(characters) == 1:
        return f" {characters} "
    return f" {' '.join(map(''.join, pairwise(characters)))} "


@dataclass(frozen=True, slots=True)
class Term:
    """A word to look for; with `prefix`, any word that begins with it."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Query:
    """What somebody typed, of any kind and length: nothing in it is syntax."""

    text: str

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The distinct words that say something, in their order; all of them where none does."""
        words = list(dict.fromkeys(self.words))
        common = function_words(self.text)
        telling = [word for word in words if word not in common] or words
        return tuple(Term(word, prefix=bool(_RUN.fullmatch(word)) and len(word) == 1) for word in telling[:MAX_TERMS])

    @cached_property
    def words(self) -> list[str]:
        """Its words in lower case, in their order."""
        return split(self.text[:MAX_QUERY])


MAX_QUERY = 8_000
"""Characters of a query that are read."""


def split(text: str) -> list[str]:
    """Return the words of a text in lower case, as the index has them before it takes endings off."""
    return _WORD.findall(indexed_text(text).lower())
