"""What a file is, by what is in it. Its name is a label, and nobody's word for anything."""

import re
from typing import Literal

from orchat.errors import (
    CorruptDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    NoTextError,
    UnknownFormatError,
)
from orchat.search.parsing.archive import Archive
from orchat.search.parsing.limits import ParseLimits

Kind = Literal["pdf", "docx", "pptx", "sheets", "odt", "odp", "epub", "legacy", "html", "mail", "text"]

OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
OFFICE = "application/vnd.openxmlformats-officedocument."
_OOXML = (  # the main part's content type; those with macros and the templates differ in a word
    (re.compile(rb"wordprocessingml\.(document|template)\.main|ms-word\.\w+\.macroEnabled\w*\.main"), "docx"),
    (re.compile(rb"presentationml\.\w+\.main|ms-powerpoint\.\w+\.macroEnabled\.main"), "pptx"),
    (re.compile(rb"spreadsheetml\.(sheet|template)\.main|ms-excel\.\w+\.macroEnabled\.main|sheet\.binary"), "sheets"),
)
_OOXML_MIME = {
    "docx": f"{OFFICE}wordprocessingml.document",
    "pptx": f"{OFFICE}presentationml.presentation",
    "sheets": f"{OFFICE}spreadsheetml.sheet",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS: tuple[tuple[str, Kind, str], ...] = (
    ("WordDocument", "legacy", "application/msword"),
    ("PowerPoint Document", "legacy", "application/vnd.ms-powerpoint"),
    ("Workbook", "sheets", "application/vnd.ms-excel"),
    ("__substg1.0_", "legacy", "application/vnd.ms-outlook"),
)
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BM", "BMP"),
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML = re.compile(
    rb"(?is)^\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*(<!doctype\s+html|<(html|head|body|title|div|p|h1|table)[\s>])"
)
_MAIL_FIELD = re.compile(
    rb"(?im)^(from|to|cc|subject|date|received|message-id|mime-version|return-path|delivered-to|reply-to):"
)
_FIELDS_ONLY = re.compile(rb"([!-9;-~]+:[^\n]*\n([ \t][^\n]*\n)*)+\r?\n")


def detect(data: bytes, limits: ParseLimits) -> tuple[Kind, str]:
    """Return how a file is to be read, and its media type.

    Raises:
        DocumentError: it cannot be searched, for the reason that its class tells.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise EmptyDocumentError("The file is empty.")
    start = data[:1024]
    if b"%PDF-" in start:
        return "pdf", "application/pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package(Archive.open(data, limits))
    if data.startswith(_OLE):
        return _compound(data)
    if data.lstrip().startswith(b"{\\rtf"):
        return "legacy", "application/rtf"
    _refuse_pictures(start)
    return _text(data)


def _package(archive: Archive) -> tuple[Kind, str]:
    if "mimetype" in archive and archive.size("mimetype") < 200:
        mime = archive.read("mimetype").decode("ascii", "replace").strip()
        if mime == "application/epub+zip":
            return "epub", mime
        if mime.startswith(OPEN_DOCUMENT):
            return _open_document(archive, mime)
    if "[Content_Types].xml" in archive:
        types = archive.read("[Content_Types].xml")
        for pattern, kind in _OOXML:
            if pattern.search(types):
                return kind, _OOXML_MIME[kind]  # type: ignore[return-value]  # the table's strings are kinds
    raise UnknownFormatError(
        "This is an archive or a package that orchat does not read.", advice="Unpack it, and add the documents in it."
    )


def _open_document(archive: Archive, mime: str) -> tuple[Kind, str]:
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise EncryptedDocumentError("The document opens with a password only.")
    family = mime.removeprefix(OPEN_DOCUMENT).removesuffix("-template")
    kinds: dict[str, Kind] = {"text": "odt", "presentation": "odp", "graphics": "odp", "spreadsheet": "sheets"}
    if family not in kinds:
        raise UnknownFormatError(f"OpenDocument files of the kind “{family}” are not read.")
    return kinds[family], mime


def _compound(data: bytes) -> tuple[Kind, str]:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise EncryptedDocumentError("The document opens with a password only.")
    for stream, kind, mime in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return kind, mime
    raise UnknownFormatError("This is an older Microsoft file of a kind that orchat does not read.")


def _refuse_pictures(start: bytes) -> None:
    for magic, name in _PICTURES:
        if start.startswith(magic) and (magic != b"BM" or _BINARY.search(start)):
            raise NoTextError(f"No text found: this is a picture ({name}).")
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        raise NoTextError("No text found: this is a picture (WebP).")


def _text(data: bytes) -> tuple[Kind, str]:
    start = data[:4096]
    # UTF-16 and UTF-32 are full of zeros, and begin with a mark that says so.
    if not start.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) and _BINARY.search(data[:65536]):
        raise UnknownFormatError("This is a binary file of a kind that orchat does not read.")
    without_mark = start.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(without_mark):
        return "html", "text/html"
    head = _FIELDS_ONLY.match(without_mark)
    if head and len(set(map(bytes.lower, _MAIL_FIELD.findall(head[0])))) >= 2:
        return "mail", "message/rfc822"
    return "text", "text/plain"


def looks_damaged(error: Exception) -> CorruptDocumentError:
    """An error of a reader as one that a person understands."""
    return CorruptDocumentError(f"The file is damaged, and cannot be read ({type(error).__name__}).")
