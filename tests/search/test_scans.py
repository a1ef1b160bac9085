"""Scans: pages without text, read by somebody who recognises it."""

import base64
import io
import json
import time
from pathlib import Path

import httpx
import pytest
import respx
from PIL import Image

from orchat.errors import OrchatError, UpstreamError
from orchat.library import Library, Shelf
from orchat.library_helpers import Helpers
from orchat.openrouter import OpenRouterClient
from orchat.search.file_parser import FileParser
from orchat.search.parsing import render_page
from orchat.search.records import FileState
from orchat.ui import file_list
from tests.search import made_files
from tests.search.conftest import Open

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
BASE = "https://openrouter.test/api/v1"


def scan(*colours: str) -> bytes:
    """A PDF of pictures, one colour a page."""
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", (200, 200), COLOURS[colour]) for colour in colours]
    first.save(out, "PDF", save_all=True, append_images=rest)
    return out.getvalue()


class ReadsColours:
    """Says which colour a page has, as if it stood there; fails after `good` pages."""

    def __init__(self, good: int = 100, blank: str = "") -> None:
        self.pages = 0
        self._good = good
        self._blank = blank

    def read(self, page: bytes) -> str:
        self.pages += 1
        if self.pages > self._good:
            raise UpstreamError("Nobody is there.")
        picture = Image.open(io.BytesIO(render_page(page, 1, width=100))).convert("RGB")
        pixel = picture.getpixel((50, 50))
        near = min(COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(COLOURS[name], pixel, strict=True)))
        return "" if near == self._blank else f"This page is painted {near}."


def test_each_page_of_a_scan_is_found_where_it_stands(open_collection: Open):
    collection = open_collection(scans=ReadsColours())
    (status,) = collection.add([("scan.pdf", scan("green", "red", "blue"))])
    assert status.state is FileState.READY
    assert [(hit.page, hit.text) for word in ("red", "blue") for hit in collection.search(word, 1)] == [
        (2, "This page is painted red."),
        (3, "This page is painted blue."),
    ]


def test_pages_that_have_text_are_not_sent(open_collection: Open):
    reader = ReadsColours()
    collection = open_collection(scans=reader)
    collection.add([("text.pdf", made_files.pdf(["the otter swims", "the beaver builds"]))])
    assert reader.pages == 0
    collection.add([("mixed.pdf", made_files.pdf(["the heron stands", None]))])
    assert reader.pages == 1
    assert collection.search("heron", 1)[0].page == 1


def test_a_page_on_which_nothing_is_recognised_is_counted(open_collection: Open):
    (status,) = open_collection(scans=ReadsColours(blank="red")).add([("scan.pdf", scan("green", "red"))])
    assert status.note == "1 of 2 pages have no text: they may be scans."


def test_a_scan_on_which_nothing_is_recognised_says_so(open_collection: Open):
    (status,) = open_collection(scans=ReadsColours(blank="red")).add([("scan.pdf", scan("red"))])
    assert (status.state, "looks like a scan" in status.reason) == (FileState.FAILED, True)


def test_a_failure_in_mid_scan_tells_why_and_leaves_nothing_half_read(open_collection: Open):
    collection = open_collection(scans=ReadsColours(good=1))
    (status,) = collection.add([("scan.pdf", scan("green", "red"))])
    assert (status.state, status.reason) == (FileState.FAILED, "Nobody is there.")
    assert collection.search("painted", 5) == []


def test_a_failure_costs_no_page_that_has_text(open_collection: Open):
    collection = open_collection(scans=ReadsColours(good=0))
    (status,) = collection.add([("mixed.pdf", made_files.pdf(["the heron stands", None]))])
    assert status.note == "1 of 2 pages have no text: they may be scans."
    assert collection.search("heron", 1)[0].page == 1


@pytest.fixture
def parser() -> FileParser:
    return FileParser(OpenRouterClient("sk-or-v1-test", base_url=BASE), "google/gemma-3-4b")


def answered(annotations: list[object]) -> httpx.Response:
    chunk = {
        "id": "gen-1",
        "choices": [{"index": 0, "delta": {"content": "OK", "annotations": annotations}, "finish_reason": "stop"}],
    }
    body = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n"
    return httpx.Response(200, text=body, headers={"Content-Type": "text/event-stream"})


@respx.mock
def test_the_file_parser_gets_the_page_and_its_annotation_is_the_text(parser: FileParser):
    parts = [
        {"type": "text", "text": "Invoice 17"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
        {"type": "text", "text": "Total: 12"},
    ]
    note = {"type": "file", "file": {"hash": "h", "name": "page.pdf", "content": parts}}
    route = respx.post(f"{BASE}/chat/completions").mock(return_value=answered([note]))
    assert parser.read(b"%PDF-1.7") == "Invoice 17\nTotal: 12"
    body = json.loads(route.calls.last.request.content)
    assert body["plugins"] == [{"id": "file-parser", "pdf": {"engine": "mistral-ocr"}}]
    sent = body["messages"][0]["content"][1]["file"]["file_data"]
    assert base64.b64decode(sent.removeprefix("data:application/pdf;base64,")) == b"%PDF-1.7"


@respx.mock
def test_an_answer_without_what_was_read_is_an_error_and_no_empty_page(parser: FileParser):
    respx.post(f"{BASE}/chat/completions").mock(return_value=answered([]))
    with pytest.raises(OrchatError, match="did not say"):
        parser.read(b"%PDF-1.7")


def test_files_of_a_chat_are_never_sent(tmp_path: Path):
    reader = ReadsColours()
    library = Library(tmp_path, lambda *_: Helpers(scans=reader))
    collections = [library.of(shelf, "ann", "chat-1") for shelf in (Shelf.CHAT, Shelf.OWN)]
    for collection in collections:
        collection.add([("scan.pdf", scan("red"))])
    until = time.monotonic() + 60
    while any(file_list.is_on_its_way(status) for collection in collections for status in collection.status()):
        assert time.monotonic() < until
        time.sleep(0.05)
    of_the_chat, own = (collection.status()[0] for collection in collections)
    library.close()
    assert "looks like a scan" in of_the_chat.reason
    assert own.chunks == 1
