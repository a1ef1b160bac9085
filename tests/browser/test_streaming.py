"""An answer streams, is stopped, and what was written is kept."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer, RecordedRequest
from tests.browser.chat_page import PATIENCE, Chat, until

pytestmark = pytest.mark.browser
ChatWith = Callable[..., Chat]

STOPPED_WITHIN = 0.2
"""Seconds from the click to the closed connection upstream."""
TRIES = 3
"""A busy machine may be late once; one that is late every time is slow."""


def upstream(demo: DemoServer, chat: Chat) -> RecordedRequest:
    """The request for the latest answer of a chat."""
    bodies = [request for request in demo.requests if isinstance(request.body, dict)]
    return [request for request in bodies if request.body.get("session_id") == chat.id][-1]


def seconds_to_close(demo: DemoServer, chat: Chat) -> float:
    """Press Stop, and return how long the connection upstream stayed open."""
    since_epoch = time.time() - time.monotonic()
    pressed = chat.stop.evaluate("button => { const now = Date.now(); button.click(); return now; }")
    request = upstream(demo, chat)
    until(lambda: request.ended_at is not None)
    assert request.closed_early
    return (request.ended_at or 0.0) - (pressed / 1000 - since_epoch)


def test_an_answer_arrives_in_many_steps_and_is_kept_whole(chat_with: ChatWith):
    chat = chat_with("anthropic/claude-haiku-4.5").send("Explain rainbows").streaming()
    length = 0
    for _ in range(4):
        length = chat.grown(length)
    message = chat.ended()
    assert message.state == "done"
    assert len(message.text) > length / 2
    chat.shows(message)
    expect(chat.answer).to_contain_text("first token after", timeout=PATIENCE)


def test_while_the_provider_is_silent_the_page_says_what_is_going_on(chat_with: ChatWith):
    chat = chat_with("demo/slow").send("Hello")
    expect(chat.answer).to_contain_text("Waiting for the provider", timeout=PATIENCE)
    chat.stop.click()
    chat.ended()


def test_the_auto_router_names_who_answers_while_the_answer_streams(chat: Chat):
    chat.send("Explain how rainbows come about")
    expect(chat.answer).to_contain_text("auto-router chose Claude Haiku 4.5", timeout=PATIENCE)
    expect(chat.stop).to_be_visible()
    chat.ended()
    expect(chat.page.get_by_test_id("stSidebar")).to_contain_text("Claude Haiku 4.5", timeout=PATIENCE)


def test_reasoning_is_folded_while_it_streams(chat_with: ChatWith):
    chat = chat_with("deepseek/deepseek-r1-0528").send("Compute 17 * 23")
    thinking = chat.answer.get_by_text(re.compile("Thinking|Thought")).first
    expect(thinking).to_be_visible(timeout=PATIENCE)
    message = chat.ended()
    assert message.wire["reasoning"]
    expect(chat.answer.get_by_text("Thought for")).to_be_visible(timeout=PATIENCE)
    expect(chat.answer.get_by_text(message.wire["reasoning"][:30])).not_to_be_visible()


def test_stopping_closes_the_connection_upstream_at_once(chat_with: ChatWith, demo: DemoServer):
    chat = chat_with("demo/long")
    times = []
    for _ in range(TRIES):
        chat.send("Go on").streaming()
        times.append(seconds_to_close(demo, chat))
        chat.ended()
        if times[-1] < STOPPED_WITHIN:
            return
    pytest.fail(f"the connection was closed after {times} s")


def test_stopping_works_while_the_model_is_silent(chat_with: ChatWith, demo: DemoServer):
    chat = chat_with("demo/silent")
    times = []
    for _ in range(TRIES):
        chat.send("Hello")
        expect(chat.answer).to_contain_text("Waiting for the provider", timeout=PATIENCE)
        times.append(seconds_to_close(demo, chat))
        assert chat.ended().state == "stopped"
        if times[-1] < STOPPED_WITHIN:
            return
    pytest.fail(f"the connection was closed after {times} s")


def test_stopping_keeps_what_was_written_and_marks_it(chat_with: ChatWith):
    chat = chat_with("demo/long").send("Go on").streaming(200)
    chat.stop.click()
    message = chat.ended()
    assert message.state == "stopped"
    assert len(message.text) > 150
    expect(chat.answer).to_contain_text("Stopped", timeout=PATIENCE)
    chat.page.reload()
    chat.ready().shows(message)
    expect(chat.answer).to_contain_text("Stopped", timeout=PATIENCE)


def test_what_a_stopped_answer_cost_is_looked_up_afterwards(chat_with: ChatWith):
    chat = chat_with("demo/long").send("Go on").streaming(200)
    chat.stop.click()
    chat.ended()
    until(lambda: chat.last.cost is not None)
    assert chat.last.cost > 0
    expect(chat.answer).to_contain_text(re.compile(r"Stopped.*\$0\.0"), timeout=PATIENCE)


def test_after_stopping_the_chat_goes_on(chat_with: ChatWith):
    chat = chat_with("demo/long").send("Go on").streaming()
    chat.stop.click()
    chat.ended()
    chat.send("And again").streaming()
    expect(chat.answers).to_have_count(2)
    chat.stop.click()
    assert len(chat.branch) == 4
    assert chat.ended().state == "stopped"


def test_the_credits_go_down_after_an_answer(chat_with: ChatWith):
    chat = chat_with("demo/fast")
    chat.send("Explain rainbows")
    chat.ended()
    expect(chat.page.get_by_test_id("stMetricDelta")).to_contain_text("−$0.0", timeout=PATIENCE)


def test_a_message_sent_while_an_answer_streams_goes_back_into_the_box(chat_with: ChatWith):
    chat = chat_with("demo/long").send("Go on").streaming()
    chat.box.fill("Too early")
    chat.box.press("Enter")
    expect(chat.page.get_by_test_id("stToast")).to_contain_text("Still answering", timeout=PATIENCE)
    expect(chat.box).to_have_value("Too early", timeout=PATIENCE)
    expect(chat.stop).to_be_visible()
    assert len(chat.branch) == 2
    chat.stop.click()
    assert chat.ended().state == "stopped"
