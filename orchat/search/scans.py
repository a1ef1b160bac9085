"""Scans: pages of a PDF that have no text, read by somebody who recognises it, one page at a time.

A page is sent by itself: so its text stands where it is said to stand, whatever reads it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from orchat.errors import DocumentError, DocumentTooLargeError
from orchat.search.document import Parsed, Part, Place
from orchat.search.parsing import ParseLimits, no_text, page_alone

MOST_PAGES = 500
"""How many pages without text are read of one document: each of them costs."""


class ScanReader(Protocol):
    """Recognises the text of a page. May be called from several threads."""

    def read(self, page: bytes) -> str:
        """Return the text of a PDF of one page; empty where there is none.

        Raises:
            OrchatError: it cannot be read now.
        """


def with_scans(
    parsed: Parsed, data: bytes, reader: ScanReader, limits: ParseLimits, stopped: Callable[[], bool]
) -> Parsed:
    """Return the document with the text of its pages that had none.

    Raises:
        NoTextError: there is no text on any of its pages.
        DocumentError: there are too many of them, or reading was stopped.
        OrchatError: the reader fails.
    """
    if len(parsed.pages_without_text) > MOST_PAGES:
        many = len(parsed.pages_without_text)
        raise DocumentError(
            f"{many:,} of its pages have no text; at most {MOST_PAGES:,} are sent to be read.",
            advice="Split the document, or run it through text recognition (OCR) yourself.",
        )
    found = []
    for number in parsed.pages_without_text:
        if stopped():
            raise DocumentError("Reading the file was stopped.", advice="Add it again.")
        if text := reader.read(page_alone(data, number, limits=limits)).strip():
            found.append(Part(text, Place("page", number)))
    length = sum(len(part.text) for part in (*parsed.parts, *found))
    if length > limits.characters:
        raise DocumentTooLargeError(
            f"The document has {length:,} characters of text; at most {limits.characters:,} are read."
        )
    read = {part.place.number for part in found}
    parts = sorted((*parsed.parts, *found), key=lambda part: part.place.number or 0)
    left = tuple(number for number in parsed.pages_without_text if number not in read)
    if not parts:
        raise no_text(parsed)
    return replace(parsed, parts=tuple(parts), pages_without_text=left)
