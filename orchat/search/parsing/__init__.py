"""Files become text with its place, always in a process of its own that may take only so much and reach nothing."""

from pathlib import Path
from threading import Event
from typing import Any

from orchat.errors import DocumentError, NoTextError
from orchat.search.document import Parsed, Part, Picture, Place
from orchat.search.parsing.child import raise_reported, reading
from orchat.search.parsing.limits import ParseLimits

__all__ = ["ParseLimits", "no_text", "page_alone", "parse", "render_page", "shrink_picture"]


def parse(
    source: bytes | Path, *, limits: ParseLimits | None = None, stop: Event | None = None, scans: bool = False
) -> Parsed:
    """Read a document: PDF, Word, slides, sheets, OpenDocument, EPUB, HTML, Markdown, CSV, e-mail, code, text.

    What it is, its content says. Safe to call from several threads. Setting `stop` ends it with a DocumentError.
    With `scans`, a PDF without any text is no error: it comes without parts, its pages counted.

    Raises:
        DocumentError: it cannot be searched, for the reason that its class tells.
        OSError: there is no such file, or no process can be started.
    """
    with reading(source, limits or ParseLimits(), stop=stop) as answer:
        head = answer.line()
        raise_reported(head)
        parts = tuple(_part(answer.line()) for _ in range(head["parts"]))
        found = head["parsed"]
        empty = tuple(map(int, found["pages_without_text"]))
        parsed = Parsed(str(found["mime"]), parts, str(found["title"]), found["pages"], empty)
        if not (parts or scans):
            raise no_text(parsed)
        return parsed
    raise DocumentError("The reading process gave no answer.")


def no_text(scan: Parsed) -> NoTextError:
    """Return the error for a PDF whose pages have no text."""
    where = f"any of its {scan.pages:,} pages" if scan.pages and scan.pages > 1 else "its page"
    return NoTextError(f"No text found on {where}: this looks like a scan.")


def page_alone(source: bytes | Path, number: int, *, limits: ParseLimits | None = None) -> bytes:
    """Return page `number` (from 1) of a PDF as a PDF of its own; raises as `render_page` does."""
    with reading(source, limits or ParseLimits(), page={"number": number, "alone": True}) as answer:
        head = answer.line()
        raise_reported(head)
        return answer.rest(int(head["page"]))
    raise DocumentError("The reading process gave no answer.")


def render_page(
    source: bytes | Path,
    number: int,
    *,
    highlight: str | None = None,
    width: int = 900,
    limits: ParseLimits | None = None,
) -> bytes:
    """Draw page `number` (from 1) of a PDF as PNG, `width` pixels wide, the passage `highlight` marked where it stands.

    Raises:
        DocumentError: it is no PDF, has no such page, or cannot be drawn.
        OSError: there is no such file, or no process can be started.
    """
    page = {"number": number, "highlight": highlight, "width": max(1, min(width, 4_000))}
    with reading(source, limits or ParseLimits(), page=page) as answer:
        head = answer.line()
        raise_reported(head)
        return answer.rest(int(head["page"]))
    raise DocumentError("The reading process gave no answer.")


def shrink_picture(data: bytes, *, edge: int, original: bool = False, limits: ParseLimits | None = None) -> Picture:
    """Make a picture anew, its longer side at most `edge` pixels, upright, without EXIF or anything else about it.

    PNG, JPEG, WebP, GIF (the first frame), BMP, TIFF and AVIF are read; what it is, its content says. JPEG or PNG comes
    out. With `original` it is only looked at, and comes back as it was: for pictures that a model made.

    Raises:
        DocumentError: it is no picture, a damaged one, or has too many pixels.
        OSError: no process can be started.
    """
    wanted = {"edge": edge, "original": original}
    with reading(data, limits or ParseLimits(), picture=wanted) as answer:
        head = answer.line()
        raise_reported(head)
        about = head["about"]
        made = answer.rest(int(head["picture"]))
        return Picture(made or data, str(about["mime"]), int(about["width"]), int(about["height"]))
    raise DocumentError("The reading process gave no answer.")


def _part(message: dict[str, Any]) -> Part:
    place = message["place"]
    return Part(str(message["text"]), Place(**place | {"heading": tuple(place["heading"])}))
