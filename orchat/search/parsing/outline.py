"""A document put together from headings, paragraphs and tables: each section becomes a part."""

import re
from collections.abc import Iterable, Sequence

from orchat.search.document import Part, Place

BLANKS = re.compile(r"[ \t\r\f\v\u00a0]+")
GAPS = re.compile(r"\n{3,}")


class Outline:
    """Sections under their headings, in the order in which they are told."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._blocks: list[str] = []
        self._path: list[tuple[int, str]] = []

    def heading(self, level: int, text: str) -> None:
        """Begin a section; `level` 0 is a document's title, 1 a chapter."""
        if not (text := one_line(text)):
            return
        if not (self._path and level > self._path[-1][0] and self._blocks == [self._path[-1][1]]):
            self._close()
        self._blocks = []
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, text))
        self._blocks.append(text)

    def paragraph(self, text: str) -> None:
        """Add a paragraph, or anything else that stands by itself."""
        if text.strip():
            self._blocks.append(text.strip("\n"))

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Add a table; its first row counts as its header."""
        self.paragraph(table(rows))

    def top(self) -> None:
        """Leave all headings: what follows belongs to none of them."""
        self._close()
        self._path = []

    def parts(self) -> tuple[Part, ...]:
        """The sections; one that has only its heading is left to the sections below it."""
        self._close()
        return tuple(self._parts)

    def _close(self) -> None:
        if self._blocks:
            headings = tuple(text for _, text in self._path)
            text = GAPS.sub("\n\n", "\n\n".join(self._blocks))
            self._parts.append(Part(text, Place("section", heading=headings)))
            self._blocks = []


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a Markdown table; rows and columns without any text are left out."""
    cells = [[one_line(cell).replace("|", "\\|") for cell in row] for row in rows]
    filled = [row for row in cells if any(row)]
    if not filled:
        return ""
    width = max(len(row) for row in filled)
    padded = [row + [""] * (width - len(row)) for row in filled]
    kept = [column for column in range(width) if any(row[column] for row in padded)]
    lines = [f"| {' | '.join(row[column] for column in kept)} |" for row in padded]
    lines.insert(1, f"|{' --- |' * len(kept)}")
    return "\n".join(lines)


def one_line(text: str) -> str:
    """Text without line breaks and doubled blanks."""
    return " ".join(text.split())
