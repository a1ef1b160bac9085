"""Text that any database takes: documents hold characters that stand for nothing."""

from collections.abc import Sequence
from dataclasses import replace

from orchat.search.document import Chunk, Parsed


def storable(text: str) -> str:
    """Return text of the same length without NUL and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", " ")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def storable_parsed(parsed: Parsed) -> Parsed:
    """Return what a parser found, with storable texts."""
    parts = tuple(
        part if (text := storable(part.text)) is part.text else replace(part, text=text) for part in parsed.parts
    )
    return replace(parsed, parts=parts, title=storable(parsed.title))


def storable_chunks(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return chunks with storable texts."""
    return [chunk if (text := storable(chunk.text)) is chunk.text else replace(chunk, text=text) for chunk in chunks]
