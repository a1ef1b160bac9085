"""Documents for tests, made of plain texts."""

import csv
from collections.abc import Iterator
from pathlib import Path

from orchat.search import Chunk, Collection, IndexedFile, Parsed, Part, Place

HERE = Path(__file__).parent


def add(
    collection: Collection, name: str, *pages: str, title: str = "", heading: tuple[str, ...] = (), data: bytes = b""
) -> IndexedFile:
    """A document with a text for each page, each of which is one chunk."""
    return collection.add_document(
        name, data or "\f".join(pages).encode("utf-8", "replace"), "text/plain", *parts_of(pages, title, heading)
    )


def parts_of(pages: tuple[str, ...], title: str = "", heading: tuple[str, ...] = ()) -> tuple[Parsed, list[Chunk]]:
    places = [Place("page", number, heading=heading) for number in range(1, len(pages) + 1)]
    parts = tuple(Part(text, place) for text, place in zip(pages, places, strict=True))
    chunks = [Chunk(part.text, part.place, number, 0, len(part.text)) for number, part in enumerate(parts) if part.text]
    return Parsed("text/plain", parts, title, len(pages)), chunks


def add_in_pieces(collection: Collection, name: str, page: str, size: int, overlap: int) -> IndexedFile:
    """A document of one page, cut into chunks of `size` characters."""
    place = Place("page", 1)
    starts = range(0, max(1, len(page) - overlap), size - overlap)
    chunks = [Chunk(page[start : start + size], place, 0, start, min(start + size, len(page))) for start in starts]
    parsed = Parsed("text/plain", (Part(page, place),), pages=1)
    return collection.add_document(name, page.encode(), "text/plain", parsed, chunks)


def names(collection: Collection, query: str, k: int = 10, files: list[str] | None = None) -> list[str]:
    return [hit.name for hit in collection.search(query, k, files)]


def labelled(file: str) -> Iterator[tuple[str, str, str]]:
    """The rows of a table of the labelled corpus: language, label, text."""
    with (HERE / file).open(encoding="utf-8", newline="") as lines:
        yield from (tuple(row) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
