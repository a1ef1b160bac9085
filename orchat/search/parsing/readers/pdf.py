"""PDF: a part for each page, by PDFium."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2

from orchat.errors import CorruptDocumentError, DocumentError, DocumentTooLargeError, EncryptedDocumentError
from orchat.search.document import Parsed, Part, Place
from orchat.search.parsing.limits import ParseLimits

_HYPHEN = re.compile(r"[\x02\ufffe](\r?\n)?")
"""How PDFium marks a hyphen that only divides a word at the end of a line."""


def read(data: bytes, mime: str, limits: ParseLimits) -> Parsed:
    """The text of every page; a scan has none, and is no error here: it may be read by other means.

    Raises:
        DocumentError: there is none, for the reason that its class tells.
    """
    with document(data) as pdf:
        count = len(pdf)
        if count > limits.pages:
            raise DocumentTooLargeError(f"The document has {count:,} pages; at most {limits.pages:,} are read.")
        if count < 1:
            raise CorruptDocumentError("The file is damaged: it has no pages.")
        pages = [page_text(pdf, index, limits.characters) for index in range(count)]
        empty = tuple(number for number, text in enumerate(pages, 1) if not text)
        parts = tuple(
            Part(text, Place("page", number, pdf.get_page_label(number - 1) or ""))
            for number, text in enumerate(pages, 1)
            if text
        )
        title = pdf.get_metadata_value("Title")
    return Parsed(mime, parts, title, count, empty)


def page_alone(data: bytes, number: int) -> bytes:
    """Return page `number` (from 1) as a PDF of its own.

    Raises:
        DocumentError: there is no such page, or it is damaged.
    """
    with document(data) as pdf:
        if not 1 <= number <= len(pdf):
            raise DocumentError(f"The document has no page {number}: it has {len(pdf)}.", advice="Choose another page.")
        try:
            with pypdfium2.PdfDocument.new() as single:
                single.import_pages(pdf, [number - 1])
                out = io.BytesIO()
                single.save(out)
        except pypdfium2.PdfiumError as error:
            raise CorruptDocumentError(f"Page {number} is damaged.") from error
    return out.getvalue()


@contextmanager
def document(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF.

    Raises:
        EncryptedDocumentError: it needs a password.
        CorruptDocumentError: it is not one.
    """
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise EncryptedDocumentError("The document opens with a password only.") from error
        raise CorruptDocumentError("The file is damaged: it begins like a PDF, and is none.") from error
    with pdf:
        yield pdf


def page_text(pdf: pypdfium2.PdfDocument, index: int, limit: int) -> str:
    """The text of a page, in the order in which it is read; empty when the page is damaged."""
    try:
        page = pdf[index]
    except pypdfium2.PdfiumError:
        return ""
    try:
        text_page = page.get_textpage()
        count = min(text_page.count_chars(), limit + 1)
        text = text_page.get_text_range(0, count) if count > 0 else ""
        text_page.close()
    except pypdfium2.PdfiumError:
        return ""
    finally:
        page.close()
    return _HYPHEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()
