"""An answer from numbered excerpts: the sentences that have most in common with the question, each cited."""

from __future__ import annotations

import re

from orchat.demo.prompt import words_of

_EXCERPT = re.compile(r"^\[(\d+)\] (.+)\n((?:.+\n?)+)", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+(?=[^a-zà-ÿ(])")
"""What parts sentences; a line of a page that begins in small letters goes on with the one above."""

_SIGNS = re.compile(r"([\\`*_\[\]<>$~|#])")
_MOST = 3
_SHORTEST = 12
_LONGEST = 300


def write_cited(question: str, excerpts: str) -> str:
    """The answer, as a list with a citation behind each point; nothing where no excerpt has a number."""
    asked = {word for word in words_of(question) if len(word) > 3}
    found = [(number, name, _best(text, asked)) for number, name, text in _EXCERPT.findall(excerpts)]
    # As they came where nothing tells them apart: the best is first.
    found.sort(key=lambda point: -_score(point[2], asked))
    points = [f"- {_quoted(sentence)} [{number}]" for number, _, sentence in found[:_MOST] if sentence]
    return "\n".join(["In the documents I find:\n", *points]) if points else ""


def _best(text: str, asked: set[str]) -> str:
    sentences = [sentence for part in _SENTENCE.split(text) if len(sentence := " ".join(part.split())) >= _SHORTEST]
    return max(sentences, key=lambda sentence: _score(sentence, asked), default=text.strip())


def _score(sentence: str, asked: set[str]) -> int:
    return len(asked & set(words_of(sentence)))


def _quoted(sentence: str) -> str:
    cut = sentence if len(sentence) <= _LONGEST else f"{sentence[:_LONGEST]}…"
    return _SIGNS.sub(r"\\\1", cut.lstrip("-•# "))
