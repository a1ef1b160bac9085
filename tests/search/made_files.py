"""Documents made for the tests, small and exactly known."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence

import docx
import openpyxl
import pptx

CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def pdf(pages: Sequence[str | None], *, labels: str = "", title: str = "") -> bytes:
    """A page for each text, a line for each of its lines; None makes a page with a drawing only."""
    streams = [_drawing() if text is None else _writing(text) for text in pages]
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    page_labels = f"/PageLabels << /Nums [{labels}] >> " if labels else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {page_labels}>>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, stream in enumerate(streams):
        objects += [
            (
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
                f"/Contents {5 + 2 * index} 0 R >>"
            ).encode(),
            stream_object(stream),
        ]
    objects.append(f"<< /Title ({title}) >>".encode("latin-1"))
    return pdf_file(objects, info=len(objects))


def pdf_file(objects: Sequence[bytes], info: int | None = None) -> bytes:
    """Objects numbered from 1, of which the first is the catalogue."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    named = b" /Info %d 0 R" % info if info else b""
    out.write(b"trailer\n<< /Size %d /Root 1 0 R%b >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, named, start))
    return out.getvalue()


def stream_object(data: bytes, filters: str = "") -> bytes:
    kind = f" /Filter {filters}" if filters else ""
    return f"<< /Length {len(data)}{kind} >>\nstream\n".encode() + data + b"\nendstream"


def _writing(text: str) -> bytes:
    lines = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").splitlines()
    shown = "".join(f"({line}) Tj T*\n" for line in lines)
    return f"BT /F1 11 Tf 14 TL 50 740 Td\n{shown}ET".encode("cp1252")


def _drawing() -> bytes:
    return b"0.5 g 100 100 300 300 re f"


def word(blocks: Iterable[tuple[str, str]]) -> bytes:
    """Paragraphs, each with the name of its style."""
    document = docx.Document()
    for style, text in blocks:
        document.add_paragraph(text, style=style)
    return _saved(document)


def slides(texts: Sequence[tuple[str, str, str]]) -> bytes:
    """Slides of a title, a body and notes each."""
    presentation = pptx.Presentation()
    for title, body, notes in texts:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    return _saved(presentation)


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Sheets by name, rows of cells."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return _saved(book)


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def package(members: Mapping[str, str | bytes], *, stored: Sequence[str] = ()) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data, zipfile.ZIP_STORED if name in stored else None)
    return out.getvalue()


def book(chapters: Mapping[str, str], *, title: str = "A book", order: Sequence[str] | None = None) -> bytes:
    """An EPUB of XHTML bodies by file name; `order` is the reading order."""
    items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in chapters)
    spine = "".join(f'<itemref idref="{n}"/>' for n in order or chapters)
    opf = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    pages = {
        f"OEBPS/{name}.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{body}</body></html>'
        for name, body in chapters.items()
    }
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf, **pages}
    return package(members, stored=["mimetype"])


def open_document(kind: str, body: str) -> bytes:
    """An ODF package: `kind` is text, presentation or spreadsheet, `body` what stands in office:body."""
    spaces = "".join(f' xmlns:{name}="{ODF}{name}:1.0"' for name in ("office", "text", "table", "presentation"))
    content = (
        f'<?xml version="1.0"?><office:document-content{spaces} xmlns:draw="{ODF}drawing:1.0">'
        f"<office:body>{body}</office:body></office:document-content>"
    )
    mime = f"application/vnd.oasis.opendocument.{kind}"
    space = f"{ODF}manifest:1.0"
    manifest = (
        f'<?xml version="1.0"?><m:manifest xmlns:m="{space}"><m:file-entry m:full-path="/" m:media-type="{mime}"/>'
        '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>'
    )
    members = {"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": manifest}
    return package(members, stored=["mimetype"])


def with_member(packed: bytes, name: str, data: bytes) -> bytes:
    """The archive with one member replaced."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    return package({**members, name: data})


def flate_bomb(megabytes: int) -> bytes:
    """Zeros, deflated twice. One megabyte is deflated, and its block repeated."""
    block, packer = bytes(1_000_000), zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 1
    for _ in range(megabytes):
        checksum = zlib.adler32(block, checksum)
    once = b"\x78\xda" + packed * megabytes + packer.flush() + checksum.to_bytes(4, "big")
    return zlib.compress(once, 9)
