"""Documents as search sees them: text in parts that know their place, and the chunks that are indexed."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["page", "slide", "sheet", "section", "lines"]
"""What a document is divided into."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands in its document. Numbers count from 1."""

    unit: Unit
    number: int | None = None
    """Of the page, slide or sheet; None in documents that have none."""
    label: str = ""
    """What a reader calls it: a printed page number such as "iv", or the name of a sheet."""
    heading: tuple[str, ...] = ()
    """The headings above it, outermost first."""
    line: int | None = None
    """The first line, in text and code."""


@dataclass(frozen=True, slots=True)
class Part:
    """A page, slide, sheet or section: no chunk reaches beyond it."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser found in a file. `pages` is how many pages, slides or sheets it has, with text or without."""

    mime: str
    parts: tuple[Part, ...]
    title: str = ""
    pages: int | None = None
    pages_without_text: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as it is indexed: `start` and `end` are its characters within the text of part number `part`."""

    text: str
    place: Place
    part: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was made anew. Its sides are in pixels."""

    data: bytes
    mime: str
    width: int
    height: int
