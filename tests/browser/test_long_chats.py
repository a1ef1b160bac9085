"""A long chat and a long list of chats, as a person moves in them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from orchat.ui.intents import SHOWN
from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat, until
from tests.browser.test_search import search

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]
PHONE = {"width": 390, "height": 844}
ANSWERS = 30
"""Of which the last twenty, with their questions, are drawn at first."""


def answers() -> list[str]:
    return [f"Answer {number} has\n\nseveral\n\nlines." + " okapi" * (number == 3) for number in range(ANSWERS)]


def test_earlier_messages_come_above_and_the_reader_stays_where_they_were(said: Said):
    chat = said(*answers())
    expect(chat.answers).to_have_count(SHOWN // 2, timeout=PATIENCE)
    expect(chat.answer).to_be_in_viewport(timeout=PATIENCE)
    chat.main.hover()
    chat.page.mouse.wheel(0, -100_000)
    expect(chat.keyed("earlier")).to_be_in_viewport(timeout=PATIENCE)
    chat.keyed("earlier").get_by_role("button").click()
    expect(chat.answers).to_have_count(ANSWERS, timeout=PATIENCE)
    chat.page.wait_for_timeout(1500)
    expect(chat.answers.get_by_text(f"Answer {ANSWERS - SHOWN // 2} has")).to_be_in_viewport(timeout=PATIENCE)
    expect(chat.keyed("earlier")).to_have_count(0)


def test_a_hit_far_above_is_in_view_and_the_end_is_one_press_away(said: Said):
    chat = said(*answers(), viewport=PHONE)
    expect(chat.answer).to_contain_text(f"Answer {ANSWERS - 1}", timeout=PATIENCE)
    chat.page.get_by_test_id("stExpandSidebarButton").click()
    dialog = search(chat, "okapi")
    dialog.locator(".st-key-hit-0").get_by_role("button").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    expect(chat.answers.get_by_text("Answer 3 has")).to_be_in_viewport(timeout=PATIENCE)
    expect(chat.answers.get_by_text(f"Answer {ANSWERS - 1} has")).to_have_count(0)
    chat.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    chat.keyed("later").get_by_role("button").click()
    expect(chat.answer).to_contain_text(f"Answer {ANSWERS - 1} has", timeout=PATIENCE)
    expect(chat.answer.get_by_text("lines.")).to_be_in_viewport(timeout=PATIENCE)


def test_a_new_tag_is_written_in_a_dialog_that_stays_while_the_page_is_drawn_anew(said: Said):
    chat = said("An answer.")
    chat.keyed(f"menu-{chat.id}").locator("button:visible").click()
    chat.page.get_by_role("menuitem", name="Tags").or_(chat.page.get_by_text("Tags", exact=True)).last.click()
    dialog = chat.page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill("work")
    dialog.get_by_role("combobox").press("Enter")
    until(lambda: chat.store.tags(OWNER, chat.id) == ["work"])
    expect(dialog).to_contain_text("work", timeout=PATIENCE)
    for _ in range(2):
        # The list of tags first, then the dialog.
        chat.page.keyboard.press("Escape")
        chat.page.wait_for_timeout(500)
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    expect(chat.keyed("chats-tag")).to_be_visible(timeout=PATIENCE)
