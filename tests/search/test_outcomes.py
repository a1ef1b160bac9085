"""Files that cannot be searched say why, each with an error of its own."""

import io
import random

import pypdf
import pytest

from orchat import errors
from orchat.errors import DocumentError
from orchat.search.parsing import parse
from tests.search import made_files

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(made_files.pdf(["secret"])))
    writer.encrypt("password", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted_word() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512


def encrypted_opendocument() -> bytes:
    manifest = '<manifest:manifest><manifest:encryption-data manifest:checksum="x"/></manifest:manifest>'
    packed = made_files.open_document("text", "<office:text/>")
    return made_files.with_member(packed, "META-INF/manifest.xml", manifest.encode())


CASES = {
    "encrypted PDF": (encrypted_pdf, errors.EncryptedDocumentError, "password"),
    "encrypted Word": (encrypted_word, errors.EncryptedDocumentError, "password"),
    "encrypted OpenDocument": (encrypted_opendocument, errors.EncryptedDocumentError, "password"),
    "nothing": (lambda: b"", errors.EmptyDocumentError, "empty"),
    "blanks": (lambda: b" \n\t ", errors.EmptyDocumentError, "empty"),
    "a scan": (lambda: made_files.pdf([None, None]), errors.NoTextError, "2 pages: this looks like a scan"),
    "a scanned page": (lambda: made_files.pdf([None]), errors.NoTextError, "its page: this looks like a scan"),
    "a picture": (lambda: PNG, errors.NoTextError, "picture"),
    "an empty Word document": (lambda: made_files.word([]), errors.NoTextError, "No text"),
    "an empty workbook": (lambda: made_files.workbook({"a": []}), errors.NoTextError, "No text"),
    "a PDF that is none": (lambda: b"%PDF-1.7\nnothing", errors.CorruptDocumentError, "damaged"),
    "half a PDF": (lambda: made_files.pdf(["a"] * 9)[:150], errors.CorruptDocumentError, "damaged"),
    "half a Word document": (
        lambda: made_files.word([("Normal", "x")])[:9_000],
        errors.CorruptDocumentError,
        "damaged",
    ),
    "a Word document of no XML": (
        lambda: made_files.with_member(made_files.word([("Normal", "x")]), "word/document.xml", b"<w:document"),
        errors.CorruptDocumentError,
        "no XML",
    ),
    "random bytes": (lambda: random.Random(1).randbytes(5_000), errors.UnknownFormatError, "binary"),
    "a program": (lambda: b"\x7fELF" + b"\0\1" * 400, errors.UnknownFormatError, "binary"),
    "an archive": (lambda: made_files.package({"a.txt": "x"}), errors.UnknownFormatError, "archive"),
    "an OpenDocument chart": (lambda: made_files.open_document("chart", ""), errors.UnknownFormatError, "chart"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_searched_says_why(case: str):
    make, kind, words = CASES[case]
    with pytest.raises(DocumentError) as caught:
        parse(make())
    assert type(caught.value) is kind
    assert words in caught.value.message
    assert caught.value.advice


def test_a_pdf_that_opens_without_its_password_is_read():
    writer = pypdf.PdfWriter(io.BytesIO(made_files.pdf(["open to all"])))
    writer.encrypt("", owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert parse(out.getvalue()).parts[0].text == "open to all"


def test_a_damaged_page_leaves_the_others():
    data = made_files.pdf(["first", "second", "third"]).replace(b"(second) Tj", b"(secon\x00 Tj\xff")
    parsed = parse(data)
    assert {1, 3} <= {part.place.number for part in parsed.parts}
