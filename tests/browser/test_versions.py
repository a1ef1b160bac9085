"""Versions of an answer and of a question: made, switched between, kept; and a chat that goes on from one of them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from orchat.store import Message
from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat, until

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]
FIRST = "Rainbows are light in drops of water."
SECOND = "A double one is light that was reflected twice."


def another_last(chat: Chat, before: Message) -> Message:
    """Wait until another message than `before` ends the chat, and is whole."""
    until(lambda: chat.last.id != before.id and chat.last.state == "done")
    return chat.last


def switch(chat: Chat, shown: Message, place: int) -> None:
    """Press the sign beside a message that leads to the version at this place."""
    chat.keyed(f"switch-{shown.id}-{place}").get_by_role("button").click()


def choose(chat: Chat, answer: Message, entry: str) -> None:
    chat.keyed(f"more-{answer.id}").get_by_role("button").click()
    chat.page.get_by_role("menuitem", name=entry, exact=True).click()


def test_a_second_answer_stands_beside_the_first_and_the_signs_lead_between_them(said: Said):
    chat = said(FIRST)
    first = chat.last
    chat.keyed(f"retry-{first.id}").get_by_role("button").click()
    second = another_last(chat, first)
    expect(chat.answer).to_contain_text("2 of 2", timeout=PATIENCE)
    expect(chat.answer).to_contain_text("Simulated reply")
    expect(chat.keyed(f"switch-{second.id}-2").get_by_role("button")).to_be_disabled()
    switch(chat, second, 0)
    expect(chat.answer).to_contain_text("1 of 2", timeout=PATIENCE)
    expect(chat.answer).to_contain_text(FIRST)
    expect(chat.answer).not_to_contain_text("Simulated reply")
    expect(chat.keyed(f"switch-{first.id}--1").get_by_role("button")).to_be_disabled()
    chat.page.reload()
    expect(chat.ready().answer).to_contain_text("1 of 2", timeout=PATIENCE)
    switch(chat, first, 1)
    expect(chat.answer).to_contain_text("2 of 2", timeout=PATIENCE)
    expect(chat.answer).to_contain_text("Simulated reply")
    assert chat.last.id == second.id


def test_an_edited_question_has_an_answer_of_its_own_and_the_way_back_shows_all_that_was_there(said: Said):
    chat = said(FIRST, SECOND)
    question, last = chat.branch[0], chat.last
    chat.keyed(f"edit-{question.id}").get_by_role("button").click()
    box = chat.keyed(f"text-{question.id}").get_by_role("textbox")
    expect(box).to_have_value("Go on", timeout=PATIENCE)
    box.fill("Explain thunder")
    chat.page.get_by_test_id("stForm").get_by_role("button", name="Send", exact=True).click()
    another_last(chat, last)
    expect(chat.questions).to_have_count(1, timeout=PATIENCE)
    expect(chat.questions).to_contain_text("Explain thunder")
    expect(chat.questions).to_contain_text("2 of 2", timeout=PATIENCE)
    expect(chat.answers).to_contain_text("Simulated reply", timeout=PATIENCE)
    switch(chat.ready(), chat.branch[0], 0)
    expect(chat.answers).to_have_count(2, timeout=PATIENCE)
    expect(chat.questions.nth(0)).to_contain_text("Go on")
    expect(chat.questions.nth(0)).to_contain_text("1 of 2")
    expect(chat.answers.nth(0)).to_contain_text(FIRST)
    expect(chat.answers.nth(1)).to_contain_text(SECOND)


def test_a_cancelled_edit_leaves_the_question_as_it_was(said: Said):
    chat = said(FIRST)
    question = chat.branch[0]
    chat.keyed(f"edit-{question.id}").get_by_role("button").click()
    chat.keyed(f"text-{question.id}").get_by_role("textbox").fill("Something else")
    chat.page.get_by_test_id("stForm").get_by_role("button", name="Cancel", exact=True).click()
    expect(chat.page.get_by_test_id("stForm")).to_have_count(0, timeout=PATIENCE)
    expect(chat.questions).to_contain_text("Go on")
    assert [message.text for message in chat.branch] == ["Go on", FIRST]


def test_a_fork_is_a_new_chat_with_the_part_so_far_and_the_other_one_stays(said: Said):
    chat = said(FIRST, SECOND)
    original = chat.id
    choose(chat, chat.branch[1], "Fork from here")
    expect(chat.page.get_by_text("This is a new chat with a copy of the messages up to there.")).to_be_visible(
        timeout=PATIENCE
    )
    expect(chat.answers).to_have_count(1, timeout=PATIENCE)
    expect(chat.answers).to_contain_text(FIRST)
    until(lambda: chat.id != original)
    chat.ready().send("And snow?").ended()
    assert [message.text for message in chat.branch][:3] == ["Go on", FIRST, "And snow?"]
    assert [message.text for message in chat.store.branch(OWNER, original)] == ["Go on", FIRST, "Go on", SECOND]
    chat.keyed(f"open-{original}").get_by_role("button").click()
    expect(chat.answers).to_have_count(2, timeout=PATIENCE)
    expect(chat.answers.nth(1)).to_contain_text(SECOND)
