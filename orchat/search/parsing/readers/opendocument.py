"""ODT and ODP: text under its headings, and slides with their notes."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orchat.errors import DocumentTooLargeError, NoTextError
from orchat.search.document import Parsed, Part, Place
from orchat.search.parsing.archive import Archive
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import Outline, one_line

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
TEXT, TABLE, DRAW = (f"{{{_ODF}{name}:1.0}}" for name in ("text", "table", "drawing"))
PRESENTATION = f"{{{_ODF}presentation:1.0}}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_LEFT_OUT = {f"{TEXT}tracked-changes", f"{TEXT}sequence-decls", f"{TEXT}index-title-template"}
_MOST_BLANKS = 100


def read_text(data: bytes, mime: str, limits: ParseLimits) -> Parsed:
    """The text under its headings.

    Raises:
        DocumentError: there is none, for the reason that its class tells.
    """
    archive = Archive.open(data, limits)
    outline = Outline()
    _tell(archive.xml("content.xml"), outline)
    parts = outline.parts()
    if not parts:
        raise NoTextError("No text found: the document is empty, or has pictures only.")
    return Parsed(mime, parts, _title(archive))


def read_slides(data: bytes, mime: str, limits: ParseLimits) -> Parsed:
    """The text of every slide, or of every page of a drawing.

    Raises:
        DocumentError: there is none, for the reason that its class tells.
    """
    archive = Archive.open(data, limits)
    slides = list(archive.xml("content.xml").iter(f"{DRAW}page"))
    if len(slides) > limits.pages:
        raise DocumentTooLargeError(f"The presentation has {len(slides):,} slides; at most {limits.pages:,} are read.")
    parts, silent = [], []
    for number, slide in enumerate(slides, 1):
        outline = Outline()
        _tell(slide, outline)
        frames = (frame for frame in slide.iter(f"{DRAW}frame") if frame.get(f"{PRESENTATION}class") == "title")
        title = one_line(" ".join(_text(paragraph) for frame in frames for paragraph in _paragraphs(frame)))
        if text := "\n\n".join(part.text for part in outline.parts()):
            parts.append(Part(text, Place("slide", number, heading=(title,) if title else ())))
        else:
            silent.append(number)
    if not parts:
        raise NoTextError("No text found: the slides have pictures only.")
    return Parsed(mime, tuple(parts), _title(archive), len(slides), tuple(silent))


def _tell(element: Element, outline: Outline) -> None:
    for child in element:
        if child.tag == f"{TEXT}h":
            level = child.get(f"{TEXT}outline-level", "1")
            outline.heading(int(level) if level.isdigit() else 1, _text(child))
        elif child.tag == f"{TEXT}p":
            outline.paragraph(_text(child))
        elif child.tag == f"{TABLE}table":
            rows = child.iter(f"{TABLE}table-row")
            outline.table([[_cell(cell) for cell in row if cell.tag == f"{TABLE}table-cell"] for row in rows])
        elif child.tag == f"{TEXT}list-item":
            _item(child, outline)
        elif child.tag not in _LEFT_OUT:
            _tell(child, outline)


def _item(item: Element, outline: Outline) -> None:
    for child in item:
        if child.tag in (f"{TEXT}p", f"{TEXT}h"):
            outline.paragraph(f"- {_text(child)}")
        else:
            _tell(child, outline)


def _cell(cell: Element) -> str:
    return " ".join(_text(paragraph) for paragraph in _paragraphs(cell))


def _paragraphs(element: Element) -> Iterator[Element]:
    return (child for child in element.iter() if child.tag in (f"{TEXT}p", f"{TEXT}h"))


def _text(element: Element) -> str:
    return "".join(_pieces(element))


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c", "1")
            yield " " * min(int(count) if count.isdigit() else 1, _MOST_BLANKS)
        elif child.tag == f"{TEXT}tab":
            yield "\t"
        elif child.tag == f"{TEXT}line-break":
            yield "\n"
        elif child.tag in (f"{TEXT}p", f"{TEXT}h"):  # a text box, or a note
            yield f"\n{_text(child)}\n"
        else:
            yield from _pieces(child)
        yield child.tail or ""


def _title(archive: Archive) -> str:
    return (archive.xml("meta.xml").findtext(f".//{_TITLE}") or "").strip() if "meta.xml" in archive else ""
