"""The receipt of an answer: opened below it, read, and taken along as JSON; none of it is what was said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, SCHEMES, serious

pytestmark = pytest.mark.browser
MODEL = "anthropic/claude-haiku-4.5"
QUESTION = "Why do herons stand on one leg?"


def receipt(chat: Chat) -> Locator:
    """Press the button below the last answer, and return the dialog that opens."""
    chat.keyed(f"receipt-{chat.last.id}").get_by_role("button").click()
    dialog = chat.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Receipt as JSON")).to_be_visible(timeout=PATIENCE)
    return dialog


def exported(chat: Chat, dialog: Locator) -> tuple[str, Any]:
    """Save the receipt; return the file's name and what is in it."""
    with chat.page.expect_download() as download:
        dialog.get_by_role("button", name="Receipt as JSON").click()
    return download.value.suggested_filename, json.loads(Path(download.value.path()).read_text("utf-8"))


def test_it_says_who_answered_what_was_asked_for_and_what_left_the_machine(chat_with: Callable[..., Chat]):
    chat = chat_with(MODEL, zdr=True).send(QUESTION)
    answer = chat.ended()
    dialog = receipt(chat.ready())
    for line in (
        f"Asked for: {MODEL}",
        f"Answered: {answer.model_answered}, at {answer.provider}",
        f"Generation: {answer.generation_id}",
        "Zero data retention: asked for",
        "Training on it: forbidden",
        f"1 message with {len(QUESTION)} characters",
        "OpenRouter's own tools and plugins: none",
    ):
        expect(dialog).to_contain_text(line)
    assert QUESTION not in dialog.inner_text()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)


def test_its_json_is_what_was_sent_in_numbers_and_has_none_of_the_words(chat_with: Callable[..., Chat]):
    chat = chat_with(MODEL).send(QUESTION)
    answer = chat.ended()
    name, taken = exported(chat, receipt(chat.ready()))
    [asked] = [request.body for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id]
    assert name == f"receipt-{answer.generation_id}.json"
    assert (taken["message"], taken["model_asked"], taken["provider"]) == (answer.id, asked["model"], answer.provider)
    assert taken["privacy"]["zero_data_retention_asked"] is ("zdr" in asked.get("provider", {}))
    left = taken["left_the_machine"]
    assert (left["messages"], left["characters"]) == (len(asked["messages"]), len(QUESTION))
    assert left["conversation_id_as_session"] is True
    assert taken["tokens"]["completion"] == answer.completion_tokens
    written = json.dumps(taken, ensure_ascii=False)
    assert QUESTION not in written
    assert answer.text not in written


def test_an_answer_from_elsewhere_has_none_and_the_page_says_so(said: Callable[..., Chat]):
    chat = said("From elsewhere.")
    chat.keyed(f"receipt-{chat.last.id}").get_by_role("button").click()
    expect(chat.page.get_by_role("dialog")).to_contain_text("There is no receipt", timeout=PATIENCE)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "desktop"])
def test_it_fits_and_is_accessible(chat_with: Callable[..., Chat], viewport: Any, scheme: str):
    chat = chat_with(MODEL, zdr=True, viewport=viewport, color_scheme=scheme).send(QUESTION)
    chat.ended()
    dialog = receipt(chat.ready())
    expect(dialog).to_contain_text("Nothing of what was said is in a receipt.")
    assert chat.page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert serious(chat) == []
