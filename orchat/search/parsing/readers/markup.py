"""HTML and EPUB: text under its headings, without scripts, styles and what is hidden."""

import posixpath
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from orchat.errors import CorruptDocumentError, NoTextError
from orchat.search.document import Parsed
from orchat.search.parsing.archive import Archive
from orchat.search.parsing.decoding import decode
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import Outline, one_line

_LEFT_OUT = frozenset({"script", "style", "template", "noscript", "svg", "iframe", "object", "select"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "dialog", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "head", "header", "hr", "html", "legend", "li", "main"}
    | {
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PACKAGE = "{http://www.idpf.org/2007/opf}"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_DC = "{http://purl.org/dc/elements/1.1/}"


class Page(HTMLParser):
    """Tells an outline what a page says. Elements that nobody closed harm nothing: there is no tree."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._outline = outline
        self._text: list[str] = []
        self._left_out: list[str] = []
        self._heading = 0
        self._preformatted = 0
        self._in_title = False
        self._rows: list[list[str]] | None = None
        self._tables = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the interface
        """Begin an element."""
        if self._left_out or tag in _LEFT_OUT:
            if tag in _LEFT_OUT:
                self._left_out.append(tag)
            return
        if tag == "br":
            self._text.append("\n")
        elif tag == "title":
            self._in_title = True
        elif tag in _HEADINGS:
            self._flush()
            self._heading = _HEADINGS[tag]
        elif tag in _BLOCKS:
            self._begin(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content, as XHTML writes it."""
        if tag not in _LEFT_OUT:
            super().handle_startendtag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if self._left_out:
            if tag == self._left_out[-1]:
                self._left_out.pop()
        elif tag == "title":
            self._in_title = False
        elif tag in _HEADINGS:
            self._flush()
            self._heading = 0
        elif tag in _BLOCKS:
            self._flush()
            if tag == "pre":
                self._preformatted = max(0, self._preformatted - 1)
            elif tag == "table":
                self._end_table()

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._in_title:
            self.title += data
        elif not self._left_out:
            self._text.append(data if self._preformatted else data.replace("\n", " "))

    def close(self) -> None:
        """End the page and everything that is open."""
        super().close()
        self._flush()
        self._tables = min(self._tables, 1)
        self._end_table()

    def _begin(self, tag: str) -> None:
        self._flush()
        if tag == "pre":
            self._preformatted += 1
        elif tag == "li":
            self._text.append("- ")
        elif tag == "table":
            self._tables += 1
            if self._rows is None:
                self._rows = []
        elif tag == "tr" and self._rows is not None and self._tables == 1:
            self._rows.append([])
        elif tag in ("td", "th") and self._rows is not None and self._tables == 1:
            self._rows = self._rows or [[]]
            self._rows[-1].append("")

    def _end_table(self) -> None:
        self._tables = max(0, self._tables - 1)
        if self._rows is not None and not self._tables:
            self._outline.table(self._rows)
            self._rows = None

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        if not self._preformatted:
            text = "\n".join(one_line(line) for line in text.splitlines())
        if not text.strip() or text.strip() == "-":
            return
        if self._rows and self._rows[-1]:  # in a cell, however deep
            self._rows[-1][-1] += f" {text}"
        elif self._heading:
            self._outline.heading(self._heading, text)
        else:
            self._outline.paragraph(text.rstrip() if self._preformatted else text.strip())


def read_html(data: bytes, mime: str, _: ParseLimits) -> Parsed:
    """The text of a page under its headings.

    Raises:
        NoTextError: there is none.
    """
    outline = Outline()
    page = Page(outline)
    page.feed(decode(data, markup=True))
    page.close()
    parts = outline.parts()
    if not parts:
        raise NoTextError("No text found: the page has none without its scripts.", advice="Save it from the browser.")
    return Parsed(mime, parts, one_line(page.title))


def read_epub(data: bytes, mime: str, limits: ParseLimits) -> Parsed:
    """The text of a book, in reading order, under its headings.

    Raises:
        DocumentError: there is none, for the reason that its class tells.
    """
    archive = Archive.open(data, limits)
    if "META-INF/encryption.xml" in archive and b"xmlenc#aes" in archive.read("META-INF/encryption.xml"):
        raise CorruptDocumentError(
            "The book is protected (DRM): only its shop's reader opens it.", advice="Add a copy without protection."
        )
    root = archive.xml("META-INF/container.xml").find(f".//{_CONTAINER}rootfile")
    name = root.get("full-path", "") if root is not None else ""
    package = archive.xml(name)
    outline = Outline()
    for chapter in _spine(package, posixpath.dirname(name)):
        if chapter in archive:
            outline.top()
            page = Page(outline)
            page.feed(decode(archive.read(chapter), markup=True))
            page.close()
    parts = outline.parts()
    if not parts:
        raise NoTextError("No text found: the book has pictures only.")
    return Parsed(mime, parts, one_line(package.findtext(f".//{_DC}title") or ""))


def _spine(package: Element, folder: str) -> list[str]:
    """The chapters' names in the archive."""
    items = {item.get("id"): item.get("href", "") for item in package.iter(f"{_PACKAGE}item")}
    references = (items.get(entry.get("idref")) for entry in package.iter(f"{_PACKAGE}itemref"))
    return [posixpath.normpath(posixpath.join(folder, unquote(href))) for href in references if href]
