"""Pictures that a model sends: drawn below its words, saved as they came, and sent back with the next question."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from orchat.store import Message
from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, SCHEMES, serious

pytestmark = pytest.mark.browser
DRAWS = "google/gemini-2.5-flash-image"
QUESTION = "Draw a picture of a heron"


def drawn(chat: Chat) -> tuple[Message, Locator]:
    """Let the model draw; return its answer, and the picture on the page."""
    answer = chat.send(QUESTION).ended()
    image = chat.ready().answer.get_by_test_id("stImage").locator("img")
    expect(image).to_be_visible(timeout=PATIENCE)
    chat.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    return answer, image


def test_a_picture_is_drawn_saved_as_it_came_and_there_after_a_reload(chat_with: Callable[..., Chat]):
    chat = chat_with(DRAWS)
    answer, image = drawn(chat)
    [kept] = answer.wire["images"]
    assert image.evaluate("image => [image.naturalWidth, image.clientWidth]") == [640, 640]
    assert image.get_attribute("alt") == kept["file"]["name"]
    with chat.page.expect_download() as download:
        chat.answer.get_by_test_id("stDownloadButton").get_by_role("button").click()
    data = chat.store.file_data(OWNER, kept["file"]["sha256"])
    assert download.value.suggested_filename == kept["file"]["name"]
    assert Path(download.value.path()).read_bytes() == data
    chat.page.reload()
    expect(chat.ready().answer.get_by_test_id("stImage").locator("img")).to_be_visible(timeout=PATIENCE)


def test_a_picture_goes_back_with_the_next_question(chat_with: Callable[..., Chat]):
    chat = chat_with(DRAWS)
    answer, _ = drawn(chat)
    data = chat.store.file_data(OWNER, answer.wire["images"][0]["file"]["sha256"])
    chat.send("Thank you").ended()
    asked = [request.body for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id]
    [image] = asked[-1]["messages"][1]["images"]
    assert base64.b64decode(image["image_url"]["url"].partition(",")[2]) == data


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_a_phone_a_picture_fits_and_is_accessible(chat_with: Callable[..., Chat], scheme: str):
    chat = chat_with(DRAWS, viewport=PHONE, color_scheme=scheme)
    _, image = drawn(chat)
    assert image.evaluate("image => image.getBoundingClientRect().right") <= PHONE["width"]
    assert chat.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert serious(chat) == []
