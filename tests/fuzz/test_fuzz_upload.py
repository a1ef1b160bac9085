"""Any file that somebody uploads: what it is is found out, it is read or refused, and a picture is measured."""

import io
from contextlib import suppress

import pytest
from hypothesis import strategies as st
from PIL import Image

from orchat.errors import AttachmentError, DocumentError, SandboxProtocolError
from orchat.media import intake
from orchat.media.taking import Reading, Takes
from orchat.sandbox.outputs import check_image
from orchat.search.parsing import ParseLimits, parse, shrink_picture
from orchat.search.parsing.detection import detect
from orchat.store.files import MAX_FILE
from tests.fuzz.fuzzing import BRIEF_OR_LONG, fuzz, mutated
from tests.media.made import bomb, deceiver, sound
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


@BRIEF_OR_LONG
def test_what_is_put_into_the_box_goes_along_as_it_should_or_is_refused_with_a_reason(seconds: float):
    def check_one(value: tuple[str, bytes]) -> None:
        name, data = value
        try:
            found = intake.check(name, data, Takes("Model"), Reading.HERE)
        except AttachmentError as error:
            assert "cannot go along" in error.message  # noqa: PT017 - most files are taken
            return
        assert found.about["medium"] in {"image", "audio", "pdf", "document", "text"}
        assert len(found.data) <= MAX_FILE
        if found.about["medium"] == "image":
            made = Image.open(io.BytesIO(found.data))
            assert made.size == (found.about["width"], found.about["height"])
            assert max(made.size) <= intake.EDGE
        assert "\0" not in (found.text or "")
        if found.about["medium"] == "text":
            assert "\0" not in found.data.decode()

    names = st.sampled_from(["a.png", "a", "", "../a.pdf", "\u202egnp.exe", "a\0b"])
    pictures = [picture(kind) for kind in ("png", "jpeg", "gif", "webp", "bmp", "tiff")]
    fuzz(st.tuples(names, mutated([*pictures, sound(), *DOCUMENTS])), check_one, seconds, examples=12)


@BRIEF_OR_LONG
def test_a_picture_is_made_anew_or_refused(seconds: float):
    def check_one(data: bytes) -> None:
        with suppress(DocumentError, AttachmentError):
            made = shrink_picture(data, edge=64, limits=LIMITS)
            assert Image.open(io.BytesIO(made.data)).size == (made.width, made.height)
            assert max(made.width, made.height) <= 64

    pictures = [picture(kind) for kind in ("png", "jpeg", "gif", "webp")]
    fuzz(mutated([*pictures, bomb(), deceiver()]), check_one, seconds, examples=12)
