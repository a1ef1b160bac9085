"""What is put into the box: known by its content, made anew, bounded, kept under safe names for its owner."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from orchat.errors import AttachmentError, NotFoundError
from orchat.media.intake import EDGE, MOST_CHARACTERS, check, check_all, keep
from orchat.media.taking import Reading, Takes
from orchat.store import Store
from tests.media.made import bomb, deceiver, picture, sound
from tests.search.made_files import pdf

ALL = Takes("Model")
HERE = Reading.HERE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_picture_is_upright_small_and_says_nothing_about_where_it_was_taken():
    found = check("IMG_1.JPG", picture(3000, 1500, "JPEG", turned=True), ALL, HERE)
    image = opened(found.data)
    assert (found.name, found.mime, image.size) == ("IMG_1.jpg", "image/jpeg", (EDGE // 2, EDGE))
    assert not image.getexif()
    assert b"taken at" not in found.data
    assert found.about == {"medium": "image", "width": EDGE // 2, "height": EDGE}


@pytest.mark.parametrize(
    "kind, mime", [("PNG", "image/png"), ("GIF", "image/png"), ("WEBP", "image/png"), ("BMP", "image/png")]
)
def test_every_common_kind_of_picture_becomes_one_that_models_take(kind: str, mime: str):
    found = check("a.xyz", picture(kind=kind), ALL, HERE)
    assert (found.name, found.mime, opened(found.data).size) == ("a.png", mime, (40, 20))


def test_what_is_hidden_behind_a_picture_is_gone():
    polyglot = picture() + b"<script>alert(1)</script>%PDF-1.7 PK\x03\x04"
    found = check("a.html", polyglot, ALL, HERE)
    assert found.mime == "image/png"
    assert b"script" not in found.data


@pytest.mark.parametrize(
    "name, data, said",
    [
        ("bomb.png", bomb(), "more than 64 million pixels"),
        ("broken.png", deceiver(), "damaged"),
        ("cut.jpg", picture(kind="JPEG")[:200], "damaged"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC photos"),
        ("film.mp4", b"\0\0\0\x18ftypisom\0\0\0\0", "videos"),
        ("program.exe", b"MZ\x90\0\x03\0\0\0" * 20, "binary file"),
        ("nothing.txt", b"", "empty"),
        ("huge.bin", bytes(50_000_000), "It has 48 MB; at most 25 MB are taken."),
        ("long.csv", b"a,b\n" * (MOST_CHARACTERS // 4 + 1), "at most 400,000 go with a message"),
        ("bad.pdf", b"%PDF-1.7\nnothing in it", "damaged"),
        ("locked.zip", b"PK\x05\x06" + bytes(18), "does not read"),
    ],
)
def test_what_is_hostile_or_too_much_is_refused_by_name(name: str, data: bytes, said: str):
    with pytest.raises(AttachmentError) as refused:
        check(name, data, ALL, HERE)
    assert refused.value.message.startswith(f"“{name}” cannot go along.")
    assert said in refused.value.message
    assert refused.value.advice


def test_a_drawing_in_svg_is_text_and_never_a_picture():
    found = check("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", ALL, HERE)
    assert (found.about["medium"], found.mime) == ("text", "text/plain")


@pytest.mark.parametrize(
    "data, takes, said",
    [
        (picture(), Takes("Qwen3 Max", images=False), "Qwen3 Max takes no pictures."),
        (sound(), Takes("Qwen3 Max", audio=False), "Qwen3 Max takes no sound."),
    ],
)
def test_what_the_model_does_not_take_is_refused_before_anything_is_kept(data: bytes, takes: Takes, said: str):
    with pytest.raises(AttachmentError, match=said):
        check("a.bin", data, takes, HERE)


def test_sound_is_known_by_its_content():
    found = check("talk.txt", sound(), ALL, HERE)
    assert (found.mime, found.about) == ("audio/wav", {"medium": "audio"})


@pytest.mark.parametrize(
    "text", ["ID3 is a tag of MP3 files.", "OggS, fLaC and RIFF are signs", "BM,GIF\n1,2\n", "%PDX"]
)
def test_text_that_begins_like_something_else_is_text(text: str):
    assert check("a.mp3", text.encode(), ALL, HERE).about["medium"] == "text"


def test_text_of_any_encoding_becomes_utf_8():
    found = check("brief.txt", "Grüße aus Köln\r\n".encode("cp1252"), ALL, HERE)
    assert found.data.decode() == "Grüße aus Köln\n"


def test_of_a_pdf_the_text_is_read_with_its_pages():
    found = check("a.pdf", pdf(["The first page.", "The second page."]), ALL, HERE)
    assert found.text == "[Page 1]\nThe first page.\n\n[Page 2]\nThe second page."
    assert found.about == {"medium": "pdf", "characters": len(found.text), "pages": 2}


def test_a_scan_goes_along_only_where_somebody_else_reads_it():
    scan = pdf([None])
    with pytest.raises(AttachmentError) as refused:
        check("scan.pdf", scan, ALL, HERE)
    assert "There is no text in it" in refused.value.message
    assert "Files" in str(refused.value.advice)
    assert check("scan.pdf", scan, ALL, Reading.MODEL).text is None
    with pytest.raises(AttachmentError):
        check("scan.pdf", scan, Takes("Text only", files=False), Reading.MODEL)


def test_too_many_files_are_refused():
    with pytest.raises(AttachmentError, match="at most 20"):
        check_all([("a.txt", b"a")] * 21, ALL, HERE)


def test_a_file_is_kept_for_its_owner_under_a_safe_name_with_its_text(store: Store):
    chat = store.create_conversation("ann").id
    reference = keep(store, "ann", chat, check("../../etc/a.pdf", pdf(["Words."]), ALL, HERE))
    assert reference["name"] == "a.pdf"
    assert store.file_data("ann", reference["text"]) == b"[Page 1]\nWords."
    assert [file.kind for file in store.files("ann", chat)] == ["extract", "attachment"]
    for sha256 in (reference["sha256"], reference["text"]):
        with pytest.raises(NotFoundError):
            store.file_data("eve", sha256)


def test_of_a_picture_only_the_one_made_anew_is_kept(store: Store):
    chat, original = store.create_conversation("ann").id, picture(kind="JPEG", turned=True)
    keep(store, "ann", chat, check("a.jpg", original, ALL, HERE))
    (file,) = store.files("ann", chat)
    assert b"taken at" not in store.file_data("ann", file.sha256)
