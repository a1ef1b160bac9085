"""Files that are made to hurt whoever opens them."""

import io
import random
import struct
import zipfile
from collections.abc import Callable

from tests.search import made_files

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_with(xml: str | bytes) -> bytes:
    data = xml.encode() if isinstance(xml, str) else xml
    return made_files.with_member(made_files.word([("Normal", "x")]), "word/document.xml", data)


def paragraph(entity: str) -> str:
    return f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>{entity}</w:t></w:r></w:p></w:body></w:document>'


def billion_laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return word_with(f'<!DOCTYPE d [<!ENTITY l0 "ha">{levels}]>{paragraph("&l9;")}')


def quadratic_blowup() -> bytes:
    return word_with(f'<!DOCTYPE d [<!ENTITY a "{"a" * 100_000}">]>{paragraph("&a;" * 5_000)}')


def external_entity() -> bytes:
    return word_with(f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{paragraph("before &x; after")}')


def external_entity_in_a_page() -> bytes:
    return b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><p>before &x; after</p></html>'


def zeros_in_a_package() -> bytes:
    return word_with(b" " * 310_000_000)


def many_members() -> bytes:
    return made_files.package({"word/document.xml": "x", **{f"word/{n}": "" for n in range(15_000)}})


def member_that_lies_about_its_size() -> bytes:
    data = bytearray(word_with(b"<a>" + b" " * 50_000_000 + b"</a>"))
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            data[start + at : start + at + 4] = struct.pack("<I", 100)
            start += 4
    return bytes(data)


def huge_sheet() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}" t="inlineStr"><is><t>x</t></is></c></row>' for n in (1, 1_048_576))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    return made_files.with_member(made_files.workbook({"a": [["x"]]}), "xl/worksheets/sheet1.xml", sheet.encode())


def page_tree(kids: str, count: int) -> bytes:
    return made_files.pdf_file(
        [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode()]
    )


def flate_bomb() -> bytes:
    content = made_files.stream_object(made_files.flate_bomb(1_000), "[/FlateDecode /FlateDecode]")
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>"
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return made_files.pdf_file([b"<< /Type /Catalog /Pages 2 0 R >>", tree, page, content])


def nested_arrays() -> bytes:
    return made_files.pdf_file([b"<< /Type /Catalog /Pages " + b"[" * 500_000 + b"]" * 500_000 + b" >>"])


def nested_message() -> bytes:
    head = "From: a@example.com\nTo: b@example.com\nSubject: s\nMIME-Version: 1.0\n"
    inner = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(2_000))
    return (head + inner + "Content-Type: text/plain\n\ndeep\n").encode()


def endless_book() -> bytes:
    return made_files.book({"a": "<p>again and again</p>" * 1_000}, order=["a"] * 9_000)


def nested_package() -> bytes:
    data = made_files.word([("Normal", "inner")])
    for _ in range(20):
        data = made_files.package({"inner.docx": data})
    return data


def broken_directory() -> bytes:
    data = bytearray(made_files.word([("Normal", "x")]))
    data[-20:] = bytes(20)
    return bytes(data)


def path_that_climbs() -> bytes:
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr("mimetype", "application/epub+zip")
            packed.writestr(
                "META-INF/container.xml", made_files.CONTAINER.replace("OEBPS/book.opf", "../../etc/passwd")
            )
        return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "zip bomb": zeros_in_a_package,
    "many members": many_members,
    "member that lies about its size": member_that_lies_about_its_size,
    "nested packages": nested_package,
    "broken directory": broken_directory,
    "path that climbs": path_that_climbs,
    "billion laughs": billion_laughs,
    "quadratic blowup": quadratic_blowup,
    "external entity": external_entity,
    "external entity in a page": external_entity_in_a_page,
    "huge sheet": huge_sheet,
    "endless book": endless_book,
    "flate bomb": flate_bomb,
    "page tree that is a circle": lambda: page_tree("2 0 R", 1),
    "two billion pages": lambda: page_tree("3 0 R", 2_000_000_000),
    "nested arrays": nested_arrays,
    "nested elements": lambda: b"<html>" + b"<div>" * 500_000 + b"words" + b"</div>" * 500_000,
    "open comments": lambda: b"<html><p>words</p>" + b"<!--" * 200_000 + b"<![CDATA[" * 200_000,
    "nested message": nested_message,
    "nested JSON": lambda: b"[" * 5_000_000,
    "a line of ten megabytes": lambda: b",".join([b"cell"] * 2_000_000),
    "random bytes": lambda: random.Random(7).randbytes(1_000_000),
    "nothing": lambda: b"",
    "zeros": lambda: bytes(1_000_000),
}
