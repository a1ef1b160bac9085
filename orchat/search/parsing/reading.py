"""A file's bytes become a parsed document: what it is, who reads it, and what is left out of the text."""

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from orchat.errors import DocumentTooLargeError
from orchat.search.document import Parsed, Part
from orchat.search.parsing.detection import Kind, detect, looks_damaged
from orchat.search.parsing.limits import ParseLimits

Reader = Callable[[bytes, str, ParseLimits], Parsed]

# By name, so that a process loads only the library that its one file needs.
READERS: dict[Kind, tuple[str, str]] = {
    "pdf": ("pdf", "read"),
    "docx": ("word", "read"),
    "pptx": ("slides", "read"),
    "sheets": ("sheets", "read"),
    "odt": ("opendocument", "read_text"),
    "odp": ("opendocument", "read_slides"),
    "epub": ("markup", "read_epub"),
    "html": ("markup", "read_html"),
    "legacy": ("legacy", "read"),
    "mail": ("mail", "read"),
    "text": ("plain", "read"),
}
_NO_CHARACTERS = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps."""


def read(data: bytes, limits: ParseLimits) -> Parsed:
    """Parse a document in this very process: to be called in a confined one only.

    Raises:
        DocumentError: it cannot be searched, for the reason that its class tells.
    """
    kind, mime = detect(data, limits)
    module, function = READERS[kind]
    reader: Reader = getattr(import_module(f"orchat.search.parsing.readers.{module}"), function)
    try:
        parsed = reader(data, mime, limits)
    except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError, EOFError, RecursionError) as error:
        # What readers stumble over is in the file; a mistake of ours shows in the tests.
        raise looks_damaged(error) from error
    length = sum(len(part.text) for part in parsed.parts)
    if length > limits.characters:
        raise DocumentTooLargeError(
            f"The document has {length:,} characters of text; at most {limits.characters:,} are read."
        )
    return replace(parsed, parts=tuple(map(_clean, parsed.parts)), title=_NO_CHARACTERS.sub("", parsed.title)[:500])


def _clean(part: Part) -> Part:
    place = part.place
    return Part(
        _NO_CHARACTERS.sub(" ", part.text),
        replace(
            place,
            label=_NO_CHARACTERS.sub("", place.label)[:200],
            heading=tuple(_NO_CHARACTERS.sub("", heading)[:300] for heading in place.heading[:10]),
        ),
    )
