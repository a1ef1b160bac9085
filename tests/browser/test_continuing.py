"""An answer that was cut goes on where it stopped: below it, with nothing asked by the person and nothing lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from orchat.continuing import INSTRUCTION
from orchat.store import Message
from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat, until
from tests.browser.test_appearance import PHONE, SCHEMES, serious

pytestmark = pytest.mark.browser
MODEL = "anthropic/claude-sonnet-4.6"
QUESTION = "Explain rainbows"


def cut(new_tab: Callable[..., Chat], **options: object) -> Chat:
    """Ask for an answer that ends at the limit of its tokens."""
    chat = new_tab(**options)
    settings = {"model": MODEL, "auto": False, "parameters": {"max_tokens": 20}}
    conversation = chat.store.create_conversation(OWNER, settings=settings)
    chat.go(f"/?chat={conversation.id}").ready().send(QUESTION).ended()
    chat.says("Cut at the token limit")
    return chat.ready()


def go_on(chat: Chat) -> Message:
    """Press Continue, and return the rest when it is whole."""
    before = chat.last
    chat.keyed(f"continue-{before.id}").get_by_role("button").click()
    until(lambda: chat.last.id != before.id and chat.last.role == "assistant" and chat.last.state != "streaming")
    expect(chat.stop).to_have_count(0, timeout=PATIENCE)
    chat.ready()
    return chat.last


def test_the_rest_stands_below_and_together_they_are_one_answer(new_tab: Callable[..., Chat]):
    chat = cut(new_tab)
    first = chat.last
    rest = go_on(chat)
    asked = [request.body for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id]
    assert [message["content"] for message in asked[-1]["messages"]] == [QUESTION, first.text, INSTRUCTION]
    expect(chat.answers).to_have_count(2)
    expect(chat.questions).to_have_count(1)
    assert INSTRUCTION not in chat.main.inner_text()
    chat.shows(rest)
    chat.page.reload()
    expect(chat.ready().answers).to_have_count(2, timeout=PATIENCE)
    chat.shows(rest)


def test_one_that_was_stopped_goes_on_too_and_keeps_what_there_was(chat_with: Callable[..., Chat]):
    chat = chat_with("demo/long").send(QUESTION).streaming(100)
    chat.stop.click()
    stopped = chat.ended()
    chat.says("Stopped")
    chat.keyed(f"continue-{stopped.id}").get_by_role("button").click()
    expect(chat.answers).to_have_count(2, timeout=PATIENCE)
    chat.streaming(40)
    chat.stop.click()
    until(lambda: chat.last.id != stopped.id and chat.last.state == "stopped")
    chat.shows(chat.last)
    assert chat.store.message(OWNER, stopped.id).text == stopped.text
    expect(chat.answers.first).to_contain_text("Stopped")


def test_only_what_stands_at_the_end_goes_on(new_tab: Callable[..., Chat]):
    chat = cut(new_tab)
    first = chat.last
    rest = go_on(chat)
    # It has the same limit.
    assert rest.finish_reason == "length"
    expect(chat.keyed(f"continue-{first.id}")).to_have_count(0, timeout=PATIENCE)
    expect(chat.keyed(f"continue-{rest.id}")).to_be_visible(timeout=PATIENCE)
    chat.send("Thank you").ended()
    expect(chat.keyed(f"continue-{rest.id}")).to_have_count(0, timeout=PATIENCE)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_a_phone_an_answer_and_its_rest_fit_and_are_accessible(new_tab: Callable[..., Chat], scheme: str):
    chat = cut(new_tab, viewport=PHONE, color_scheme=scheme)
    assert serious(chat) == []
    go_on(chat)
    assert chat.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert serious(chat) == []
