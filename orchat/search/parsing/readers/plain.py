"""Text files: Markdown by headings, tables and code by lines, prose by paragraphs; each passage knows its line."""

import csv
import json
import re
from collections.abc import Iterator
from itertools import pairwise

from orchat.errors import EmptyDocumentError
from orchat.search.document import Parsed, Part, Place
from orchat.search.parsing.decoding import decode
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import one_line

PROSE, MARKDOWN, CSV, SOURCE, JSON = "text/plain", "text/markdown", "text/csv", "text/x-source", "application/json"
_PART = 20_000
"""Characters after which a text without headings begins a new part, at its next blank line."""
_SAMPLE = 20_000
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_CODE = re.compile(
    r"^\s*(import |from \S+ import |def \w|class \w|function\b|return\b|if ?\(|for ?\(|while ?\(|else\b|elif |try:|"
    r"public |private |static |const |let |var |func |fn |impl |package |using |namespace |#include|#define|#!/|"
    r"select .* from |insert into |create table |end$|fi$|done$|[\w.\[\]>-]+\(.*\);?$|@\w+)"
    r"|[;{}]\s*$|^\s*[\w.]+ (=|:=|\+=) .*\S|^\s*(//|/\*|\*/|--|#(?!#* \w.*$))",
    re.IGNORECASE,
)
_MARKDOWN_SIGN = re.compile(
    r"(?m)^(#{1,6} \S|```|~~~|[-*+] \S|\d+\. \S|> |\|.*\|\s*$|!?\[[^\]]+\]\()|\]\(\S+\)|\*\*\S[^*\n]*\*\*|^(===+|---+)$"
)


def read(data: bytes, _: str, __: ParseLimits) -> Parsed:
    """The text, in sections or in stretches of lines.

    Raises:
        DocumentError: there is none, or it is no text.
    """
    text = decode(data)
    if not text.strip():
        raise EmptyDocumentError("The file is empty.")
    mime = kind_of(text)
    if mime == MARKDOWN:
        return Parsed(mime, tuple(_sections(text)), _first_heading(text))
    if mime == CSV:  # one part: the chunks repeat its header
        return Parsed(mime, (Part(text, Place("lines", line=1)),))
    return Parsed(mime, tuple(_stretches(text)))


def kind_of(text: str) -> str:
    """The media type that a text's own look suggests."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    lines = [line for line in sample.split("\n") if line.strip()]
    if _is_json(text, lines[0]):
        return JSON
    if _is_csv(lines):
        return CSV
    outside = [line for line in _outside_fences(lines) if not line.startswith(("    ", "\t")) or not _is_list(lines)]
    code = sum(bool(_CODE.search(line)) for line in outside)
    if code > max(1, 0.4 * len(outside)) or lines[0].startswith("#!"):
        return SOURCE
    # A comment in a settings file looks like a heading too; a heading has a blank line below it, or a level.
    apart = len(re.findall(r"(?m)^#{1,6} .*\n\s*\n|^#{2,6} \w.*$", sample))
    headings = sum(bool(_HEADING.match(line)) for line in _outside_fences(lines))
    if apart > headings / 2 and code <= headings + 0.15 * len(outside):
        return MARKDOWN
    return MARKDOWN if len(_MARKDOWN_SIGN.findall(sample)) > max(2, 0.2 * len(lines)) else PROSE


def _is_list(lines: list[str]) -> bool:
    return any(line.lstrip().startswith(("- ", "* ")) for line in lines)


def _is_json(text: str, first: str) -> bool:
    if first.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text if len(text) < _SAMPLE else first)  # JSON lines show it in the first
    except (ValueError, RecursionError):
        return bool(re.match(r'\s*(\{\s*"|\[\s*[\[{"\d-])', text[:200]))
    return True


def _is_csv(lines: list[str]) -> bool:
    if len(lines) < 2:
        return False
    for delimiter in (",", ";", "\t", "|"):
        try:
            widths = [len(row) for row in csv.reader(lines[:50], delimiter=delimiter) if row]
        except csv.Error:
            continue
        usual = max(widths, key=widths.count)
        if usual > 1 and widths[0] == usual and widths.count(usual) >= 0.9 * len(widths):
            # Two lines of prose have commas too: a cell is short, and a sentence is not.
            cells = [cell for line in lines[:50] for cell in line.split(delimiter)]
            spaced = sum(cell.startswith(" ") for cell in cells[1:])
            ended = sum(line.rstrip().endswith(delimiter) for line in lines[:50])  # as statements are
            return not lines[0].startswith("|") and spaced < 0.5 * len(cells) and ended < 0.5 * len(lines[:50])
    return False


def _outside_fences(lines: list[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence:
            yield line


def _headings(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Yield where each heading begins, its line from 0, its level and its words."""
    fence, place = "", 0
    for number, line in enumerate(text.split("\n")):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence and (heading := _HEADING.match(line)):
            yield place, number, len(heading[1]), one_line(heading[2])
        place += len(line) + 1


def _sections(text: str) -> Iterator[Part]:
    starts = [(0, 0, 0, ""), *_headings(text), (len(text), 0, 0, "")]
    path: list[tuple[int, str]] = []
    for (start, line, level, words), (end, *_) in pairwise(starts):
        if level:
            path = [above for above in path if above[0] < level] + [(level, words)]
        if text[start:end].strip():
            yield Part(text[start:end], Place("section", heading=tuple(w for _, w in path if w), line=line + 1))


def _first_heading(text: str) -> str:
    return next((words for *_, level, words in _headings(text) if level == 1), "")


def _stretches(text: str) -> Iterator[Part]:
    start, line = 0, 1
    while start < len(text):
        blank = text.find("\n\n", start + _PART) if len(text) - start > 2 * _PART else -1
        end = blank + 2 if blank >= 0 else len(text)
        if text[start:end].strip():
            yield Part(text[start:end], Place("lines", line=line))
        line += text.count("\n", start, end)
        start = end
