"""PPTX: a part for each slide, in the order of the presentation, with its notes."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orchat.errors import CorruptDocumentError, DocumentTooLargeError, NoTextError
from orchat.search.document import Parsed, Part, Place
from orchat.search.parsing.archive import Archive
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import one_line, table
from orchat.search.parsing.packages import core_title, related, relations, same_names

P = "{main}"
_TITLES = ("title", "ctrTitle")


def read(data: bytes, mime: str, limits: ParseLimits) -> Parsed:
    """The text of every slide.

    Raises:
        DocumentError: there is none, for the reason that its class tells.
    """
    archive = Archive.open(data, limits)
    names = _slides(archive)
    if len(names) > limits.pages:
        raise DocumentTooLargeError(f"The presentation has {len(names):,} slides; at most {limits.pages:,} are read.")
    parts = []
    for number, name in enumerate(names, 1):
        slide = same_names(archive.xml(name))
        title = one_line(" ".join(_text(shape) for shape in slide.iter(f"{P}sp") if _role(shape) in _TITLES))
        blocks = [*_blocks(slide), *_notes(archive, name)]
        if text := "\n\n".join(block for block in blocks if block.strip()):
            parts.append(Part(text, Place("slide", number, heading=(title,) if title else ())))
    if not parts:
        raise NoTextError("No text found: the slides have pictures only.")
    told = {part.place.number for part in parts}
    silent = tuple(number for number in range(1, len(names) + 1) if number not in told)
    return Parsed(mime, tuple(parts), core_title(archive), len(names), silent)


def _slides(archive: Archive) -> list[str]:
    main = related(archive, "", "officeDocument")
    if not main:
        raise CorruptDocumentError("The file is damaged: it is a presentation without its slides.")
    targets = relations(archive, main[0])
    # Before the ids are read: two attributes are called "id", and only their namespaces tell them apart.
    order = [
        value
        for entry in archive.xml(main[0]).iter()
        if entry.tag.endswith("}sldId")
        for name, value in entry.items()
        if name.endswith("}id")
    ]
    return [targets[identifier][1] for identifier in order if identifier in targets]


def _blocks(element: Element) -> Iterator[str]:
    """Yield the shapes' texts and tables, in the order in which the slide has them."""
    for child in element:
        if child.tag == f"{P}txBody":
            yield _text(child)
        elif child.tag == f"{P}tbl":
            yield table([[_text(cell) for cell in row.iter(f"{P}tc")] for row in child.iter(f"{P}tr")])
        elif child.tag != f"{P}Fallback":
            yield from _blocks(child)


def _text(element: Element) -> str:
    return "\n".join(filter(str.strip, (_paragraph(paragraph) for paragraph in element.iter(f"{P}p"))))


def _paragraph(paragraph: Element) -> str:
    # A line break is vertical space in the middle of a paragraph.
    return "".join((run.text or "") if run.tag == f"{P}t" else "\n" * (run.tag == f"{P}br") for run in paragraph.iter())


def _role(shape: Element) -> str:
    placeholder = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return placeholder.get("type", "body") if placeholder is not None else ""


def _notes(archive: Archive, slide: str) -> Iterator[str]:
    for name in related(archive, slide, "notesSlide"):
        shapes = same_names(archive.xml(name)).iter(f"{P}sp") if name in archive else ()
        if text := "\n".join(filter(None, (_text(shape) for shape in shapes if _role(shape) == "body"))):
            yield f"Notes: {text}"
