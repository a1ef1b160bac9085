"""DOCX: headings and paragraphs, tables, text boxes, notes, and what stands above and below the pages."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orchat.errors import CorruptDocumentError, NoTextError
from orchat.search.document import Parsed
from orchat.search.parsing.archive import Archive
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import Outline
from orchat.search.parsing.packages import core_title, related, same_names

W = "{main}"
_BESIDE = {
    "footnotes": "Footnotes",
    "endnotes": "Endnotes",
    "comments": "Comments",
    "header": "Headers",
    "footer": "Footers",
}
_ORDER = tuple(_BESIDE)


def read(data: bytes, mime: str, limits: ParseLimits) -> Parsed:
    """The text under its headings.

    Raises:
        DocumentError: there is none, for the reason that its class tells.
    """
    archive = Archive.open(data, limits)
    main = related(archive, "", "officeDocument")
    if not main:
        raise CorruptDocumentError("The file is damaged: it is a Word document without its text.")
    name = main[0]
    styles = related(archive, name, "styles")
    levels = _heading_levels(same_names(archive.xml(styles[0]))) if styles else {}
    outline = Outline()
    body = same_names(archive.xml(name)).find(f"{W}body")
    for block in _blocks(body) if body is not None else ():
        _tell(block, outline, levels)
    for kind in _ORDER:
        _beside(archive, name, kind, outline)
    parts = outline.parts()
    if not parts:
        raise NoTextError("No text found: the document is empty, or has pictures only.")
    return Parsed(mime, parts, core_title(archive))


def _beside(archive: Archive, name: str, kind: str, outline: Outline) -> None:
    texts = [
        _text(paragraph)
        for part in related(archive, name, kind)
        if part in archive
        for paragraph in same_names(archive.xml(part)).iter(f"{W}p")
    ]
    if kept := list(dict.fromkeys(text for text in texts if text.strip())):
        outline.top()
        outline.heading(1, _BESIDE[kind])
        outline.paragraph("\n\n".join(kept))


def _blocks(parent: Element) -> Iterator[Element]:
    """Paragraphs and tables; content controls and marks of changes are looked through."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag not in (f"{W}del", f"{W}moveFrom", f"{W}sectPr"):
            yield from _blocks(child)


def _tell(block: Element, outline: Outline, levels: dict[str, int]) -> None:
    if block.tag == f"{W}tbl":
        outline.table([[_cell(cell) for cell in _children(row, "tc")] for row in _children(block, "tr")])
        return
    text = _text(block)
    level = _level(block, levels)
    if level is not None:
        outline.heading(level, text)
    elif block.find(f"{W}pPr/{W}numPr") is not None and text.strip():
        outline.paragraph(f"- {text.strip()}")
    else:
        outline.paragraph(text)


def _children(parent: Element, name: str) -> Iterator[Element]:
    """Rows of a table or cells of a row, also those in content controls."""
    for child in parent:
        if child.tag == f"{W}{name}":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _children(child, name)


def _cell(cell: Element) -> str:
    return " ".join(filter(None, (_text(paragraph).strip() for paragraph in cell.iter(f"{W}p"))))


def _text(element: Element) -> str:
    return "".join(_runs(element)).strip("\n")


def _runs(element: Element) -> Iterator[str]:
    for child in element:
        match child.tag.removeprefix(W):
            case "t":
                yield child.text or ""
            case "tab":
                yield "\t"
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "-"
            case "txbxContent":
                yield "\n" + "\n".join(_text(paragraph) for paragraph in _blocks(child)) + "\n"
            case "Fallback" | "pPr" | "rPr" | "del" | "moveFrom":
                # A fallback repeats what a newer element beside it says.
                pass
            case _:
                yield from _runs(child)


def _level(paragraph: Element, levels: dict[str, int]) -> int | None:
    own = paragraph.find(f"{W}pPr/{W}outlineLvl")
    if own is not None and (value := own.get(f"{W}val", "")).isdigit() and int(value) < 9:
        return int(value) + 1
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return levels.get(style.get(f"{W}val", "")) if style is not None else None


def _heading_levels(styles: Element) -> dict[str, int]:
    """The styles of headings with their levels, those that build on one of them included; a title's is 0."""
    own: dict[str, int] = {}
    bases: dict[str, str] = {}
    for style in styles.iter(f"{W}style"):
        identifier = style.get(f"{W}styleId", "")
        name = style.find(f"{W}name")
        heading = re.fullmatch(r"(?i)heading (\d)", name.get(f"{W}val", "") if name is not None else "")
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        if heading:
            own[identifier] = int(heading[1])
        elif name is not None and name.get(f"{W}val", "").lower() == "title":
            own[identifier] = 0
        elif outline is not None and outline.get(f"{W}val", "").isdigit() and int(outline.get(f"{W}val", "9")) < 9:
            own[identifier] = int(outline.get(f"{W}val", "")) + 1
        base = style.find(f"{W}basedOn")
        if base is not None:
            bases[identifier] = base.get(f"{W}val", "")
    for identifier in bases:
        seen, at = {identifier}, identifier
        while at not in own and at in bases and bases[at] not in seen:
            at = bases[at]
            seen.add(at)
        if at in own:
            own.setdefault(identifier, own[at])
    return own
