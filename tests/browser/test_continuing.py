"""An answer that was cut goes on where it stopped: with nothing asked by the person and nothing lost."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from orchat import continuing
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


def test_an_answer_and_its_rest_are_read_as_one(new_tab: Callable[..., Chat]):
    chat = cut(new_tab)
    first = chat.last
    rest = go_on(chat)
    asked = [request.body for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id]
    assert [message["content"] for message in asked[-1]["messages"]] == [QUESTION, first.text, INSTRUCTION]
    expect(chat.answers).to_have_count(1)
    expect(chat.questions).to_have_count(1)
    assert INSTRUCTION not in chat.main.inner_text()
    whole = re.compile(r"\W+".join(re.findall(r"\w+", first.text + rest.text)))
    chat.says(whole)
    chat.page.reload()
    expect(chat.ready().answers).to_have_count(1, timeout=PATIENCE)
    chat.says(whole)
    chat.says("Cut at the token limit")
    chat.says("Continued")


def test_one_that_was_stopped_goes_on_too_and_keeps_what_there_was(chat_with: Callable[..., Chat]):
    chat = chat_with("demo/long").send(QUESTION).streaming(100)
    chat.stop.click()
    stopped = chat.ended()
    chat.says("Stopped")
    chat.keyed(f"continue-{stopped.id}").get_by_role("button").click()
    chat.streaming(len(stopped.text) + 200)
    expect(chat.answers).to_have_count(1)
    chat.says("A long answer about rainbows.")
    # What it cost so far stays in sight, and no button of before is left in it, faded.
    chat.says("Stopped")
    expect(chat.answer.get_by_role("button")).to_have_count(0)
    chat.stop.click()
    until(lambda: chat.last.id != stopped.id and chat.last.state == "stopped")
    chat.shows(chat.last)
    assert chat.store.message(OWNER, stopped.id).text == stopped.text
    expect(chat.answer.get_by_text("Stopped")).to_have_count(2, timeout=PATIENCE)
    chat.says("Continued · Stopped")


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
    expect(chat.answers).to_have_count(1)
    assert chat.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert serious(chat) == []


FIRST = "Here is **the one thi"
REST = """ng that counts**, in code:

```text
low = 40
low < angle"""
LAST = """ < 42
```

| Colour | Angle |
|---|---|
| red | 42° |
| violet | 40° |
"""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "desk"])
def test_markup_that_was_cut_twice_is_drawn_whole(new_tab: Callable[..., Chat], scheme: str, viewport: dict[str, int]):
    chat = new_tab(viewport=viewport, color_scheme=scheme)
    conversation = chat.store.create_conversation(OWNER, settings={"model": MODEL, "auto": False})
    question = {"role": "user", "content": QUESTION}
    parent = chat.store.add_message(OWNER, conversation.id, role="user", wire=question, parent_id=None).id
    for text, reason in ((FIRST, "length"), (REST, "length"), (LAST, "stop")):
        wire = {"role": "assistant", "content": text}
        about = {"model_answered": MODEL, "finish_reason": reason, "cost": Decimal("0.01")}
        answer = chat.store.add_message(OWNER, conversation.id, role="assistant", wire=wire, parent_id=parent, **about)
        parent = continuing.go_on(chat.store, OWNER, answer.id).id
    chat.store.set_leaf(OWNER, conversation.id, answer.id)
    chat.go(f"/?chat={conversation.id}").ready()
    expect(chat.answers).to_have_count(1, timeout=PATIENCE)
    expect(chat.answer.locator("strong").first).to_have_text("the one thing that counts")
    expect(chat.answer.locator("pre")).to_have_count(1)
    chat.says("low < angle < 42")
    expect(chat.answer.locator("tr")).to_have_count(3)
    assert "**" not in chat.answer.inner_text()
    assert "```" not in chat.answer.inner_text()
    assert chat.page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert serious(chat) == []
