"""DOC, PPT, RTF and MSG, by kreuzberg. These formats tell no reader reliably where their pages and headings are."""

from orchat.errors import NoTextError
from orchat.search.document import Parsed
from orchat.search.parsing.extraction import extract
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import Outline


def read(data: bytes, mime: str, _: ParseLimits) -> Parsed:
    """The text, in one part.

    Raises:
        DocumentError: there is none, for the reason that its class tells.
    """
    outline = Outline()
    outline.paragraph(extract(data, mime).content)
    parts = outline.parts()
    if not parts:
        raise NoTextError("No text found: the document is empty, or has pictures only.")
    return Parsed(mime, parts)
