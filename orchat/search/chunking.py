"""Chunks: passages of a document, long enough to be understood and short enough to be cited."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from orchat.search.document import Chunk, Parsed, Part

SIZE = 1_200
OVERLAP = 200

_SHORT = 16
"""Characters that a sentence has at least: “e.g.” ends none."""
_LINEWISE = {"text/x-source", "application/json"}
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？｡])[」』”’）]*\s*")
_LINE = re.compile(r"\n")
_TABLE = re.compile(r"(?m)^(\|[^\n]*\|[ \t]*)\n(\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*)(?:\n\|[^\n]*)*")
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")
_LAST_BLANK = re.compile(r"\s(?=\S*$)")


class Atom(NamedTuple):
    """A stretch of a text that stays in one piece: a sentence, a row, a line, or a part of one that is too long."""

    start: int
    end: int
    weight: int
    """How good a place to divide lies before it: 3 a paragraph, 2 a sentence, row or line, 1 between words."""
    header: tuple[int, int] | None = None
    """The header of the table whose row it is."""


def chunks(parsed: Parsed, *, size: int = SIZE, overlap: int = OVERLAP) -> list[Chunk]:
    """Divide a document into chunks of up to `size` characters, of which about `overlap` are the end of the one before.

    No chunk reaches beyond its part. Its text is `part.text[start:end]`, exactly, with one exception: a chunk that
    begins in the middle of a table has the table's header and a line break in front, beyond `size`. They divide where
    paragraphs do, else sentences, else words. Rows of tables and lines of code stay whole, and no row is said twice.

    Raises:
        ValueError: `overlap` is more than half of `size`.
    """
    if not 0 <= overlap <= size // 2:
        raise ValueError("overlap has to be between 0 and half of size")
    return [
        chunk
        for number, part in enumerate(parsed.parts)
        for chunk in _divide(part, number, _atoms(part.text, parsed.mime, size, max(overlap, size // 6)), size, overlap)
    ]


def _divide(part: Part, number: int, atoms: Sequence[Atom], size: int, overlap: int) -> Iterator[Chunk]:
    first, line, counted = 0, part.place.line, 0
    while first < len(atoms):
        last = _last(atoms, first, size)
        start, end = atoms[first].start, atoms[last].end
        blank = _BLANK_LINES.match(part.text, start, end)
        start = blank.end() if blank else start
        end = start + len(part.text[start:end].rstrip())
        if line is not None:
            line += part.text.count("\n", counted, start)
            counted = start
        text = part.text[start:end]
        header = atoms[first].header
        if header is not None and start > header[1]:
            text = f"{part.text[slice(*header)]}\n{text}"
        yield Chunk(text, replace(part.place, line=line), number, start, end)
        first = _next(atoms, first, last, size, overlap)


def _last(atoms: Sequence[Atom], first: int, size: int) -> int:
    """The last atom of the chunk that begins with `first`: the best place to divide in what has room."""
    start, last = atoms[first].start, first
    while last + 1 < len(atoms) and atoms[last + 1].end - start <= size:
        last += 1
    if last + 1 == len(atoms):
        return last
    for weight in (3, 2):
        for candidate in range(last, first, -1):
            if atoms[candidate].end - start < size * 2 // 3:
                break
            if atoms[candidate + 1].weight >= weight:
                return candidate
    return last


def _next(atoms: Sequence[Atom], first: int, last: int, size: int, overlap: int) -> int:
    """Where the next chunk begins: some atoms before the end of this one, but for rows of a table."""
    following = last + 1
    if following == len(atoms):
        return following
    # Blanks between two atoms are in neither: an overlap and the next atom may be too much for one chunk.
    earliest = max(atoms[last].end - overlap, atoms[last + 1].end - size)
    while (
        following - 1 > first
        and atoms[following - 1].start >= earliest
        and atoms[following].header is None
        and atoms[following - 1].header is None
    ):
        following -= 1
    return following


def _atoms(text: str, mime: str, size: int, longest: int) -> list[Atom]:
    if mime == "text/csv":
        return list(_rows_of_csv(text, size, longest))
    found: list[Atom] = []
    at = 0
    for table in _TABLE.finditer(text):
        found += _prose(text, at, table.start(), longest, linewise=mime in _LINEWISE, size=size)
        found += _rows(text, table, size)
        at = table.end()
    found += _prose(text, at, len(text), longest, linewise=mime in _LINEWISE, size=size)
    return found


def _prose(text: str, start: int, end: int, longest: int, *, linewise: bool, size: int) -> Iterator[Atom]:
    for begin, finish in _split(text, start, end, _PARAGRAPH):
        weight = 3
        for at, stop in _split(text, begin, finish, _LINE if linewise else _SENTENCE):
            # A sentence is divided where it is longer than an overlap, or there would be none; a line of code only if
            # it fills a chunk.
            yield from _pieces(text, at, stop, weight, size if linewise else longest)
            weight = 2


def _rows(text: str, table: re.Match[str], size: int) -> Iterator[Atom]:
    header = (table.start(1), table.end(2)) if table.end(2) - table.start(1) <= size // 2 else None
    for number, (start, end) in enumerate(_split(text, table.start(), table.end(), _LINE)):
        # A header at the end of a chunk, without a row, tells nobody anything.
        weight = 3 if number == 0 else 1 if number < 3 else 2
        yield from _pieces(text, start, end, weight, size, header if start >= table.end(2) else None)


def _rows_of_csv(text: str, size: int, longest: int) -> Iterator[Atom]:
    header: tuple[int, int] | None = None
    start, weight = 0, 3
    for end in _ends_of_records(text):
        if text[start:end].strip():
            long = end - start > size
            yield from _pieces(text, start, end, weight, longest if long else size, header)
            weight = 2
            if header is None and end - start <= size // 2:
                header = (start, start + len(text[start:end].rstrip()))
        start = end


def _ends_of_records(text: str) -> Iterator[int]:
    """Yield where each record of a CSV ends; a line break in quotation marks ends none."""
    quotes = start = 0
    for newline in _LINE.finditer(text):
        quotes += text.count('"', start, newline.end())
        start = newline.end()
        if quotes % 2 == 0:
            yield start
    if start < len(text) or quotes % 2:
        yield len(text)


def _split(text: str, start: int, end: int, boundary: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the stretches between boundaries, blank ones left out; a sentence of a few characters joins the next."""
    at = start
    least = _SHORT if boundary is _SENTENCE else 1
    for found in boundary.finditer(text, start, end):
        if found.end() - at >= least and text[at : found.end()].strip():
            yield at, found.end()
            at = found.end()
    if text[at:end].strip():
        yield at, end


def _pieces(
    text: str, start: int, end: int, weight: int, longest: int, header: tuple[int, int] | None = None
) -> Iterator[Atom]:
    """Yield a stretch whole, or in pieces of up to `longest` characters, between words where there are blanks."""
    while end - start > longest:
        blank = _LAST_BLANK.search(text, start + longest // 2, start + longest)
        stop = blank.end() if blank else start + longest
        if text[start:stop].strip():
            yield Atom(start, stop, weight, header)
        start, weight = stop, 1
    if text[start:end].strip():
        yield Atom(start, end, weight, header)
