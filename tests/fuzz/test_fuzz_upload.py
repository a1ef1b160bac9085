"""Any file that somebody uploads: what it is is found out, it is read or refused, and a picture is measured."""

import io
from contextlib import suppress

import pytest
from hypothesis import strategies as st
from PIL import Image

from orchat.errors import DocumentError, SandboxProtocolError
from orchat.sandbox.outputs import check_image
from orchat.search.parsing import ParseLimits, parse
from orchat.search.parsing.detection import detect
from tests.fuzz.fuzzing import BRIEF_OR_LONG, fuzz, mutated
from tests.search import hostile, made_files

DOCUMENTS = [
    made_files.pdf(["One page", "and another"], title="Title"),
    made_files.word([("Heading 1", "Head"), ("Normal", "Some text")]),
    made_files.slides([("Title", "Text", "Notes")]),
    made_files.workbook({"Sheet": [["a", 1], ["b", 2.5]]}),
    made_files.book({"One": "<p>Text</p>"}),
    made_files.open_document("text", "<text:p>Some text</text:p>"),
    hostile.external_entity(),
    hostile.nested_message(),
    b"From: a@example.com\nSubject: Hello\nContent-Type: text/plain\n\nText",
    b"<!doctype html><html><title>T</title><body><h1>Head</h1><p>Text</p></body></html>",
    b"# Head\n\nText with **marks**\n\n- one\n- two\n",
    b"name;number\none;1\ntwo;2\n",
    b"{\\rtf1 Text}",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
]
LIMITS = ParseLimits()
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


def picture(kind: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30)).save(held, kind)
    return held.getvalue()


@BRIEF_OR_LONG
def test_what_a_file_is_is_found_or_refused(seconds: float):
    def check(data: bytes) -> None:
        with suppress(DocumentError):
            _, mime = detect(data, LIMITS)
            assert "/" in mime

    fuzz(mutated(DOCUMENTS) | st.binary(max_size=2_000), check, seconds)


@BRIEF_OR_LONG
def test_a_file_is_read_or_refused_and_its_text_can_be_kept(seconds: float):
    def check(data: bytes) -> None:
        # In its own process, as the app reads it: a library that crashes costs that process and no more.
        with suppress(DocumentError):
            found = parse(data, limits=LIMITS)
            "".join(part.text for part in found.parts).encode()
            found.title.encode()

    fuzz(mutated(DOCUMENTS), check, seconds, examples=10)


@BRIEF_OR_LONG
def test_a_picture_is_one_within_bounds_or_refused(seconds: float):
    def check(value: tuple[str, bytes]) -> None:
        mime, data = value
        with suppress(SandboxProtocolError):
            check_image(mime, data)

    for kind in ("png", "jpeg"):
        fuzz(st.tuples(st.just(f"image/{kind}"), mutated([picture(kind)])), check, seconds / 2)
