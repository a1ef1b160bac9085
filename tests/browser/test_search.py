"""Search in the sidebar: hits in their context, and a click that opens the chat at the hit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]
LONG = "\n\n".join(f"Paragraph {number} of an answer that fills the page." for number in range(40))


def search(chat: Chat, wanted: str) -> Locator:
    chat.keyed("search").get_by_role("button").click()
    dialog = chat.page.get_by_role("dialog")
    dialog.get_by_role("searchbox").or_(dialog.get_by_role("textbox")).first.fill(wanted)
    return dialog


def test_a_hit_is_shown_while_one_types_and_its_chat_is_opened_at_it(said: Said):
    chat = said(LONG, "The zebrafish has stripes and lives in water.", LONG)
    there = chat.id
    chat.keyed("new-chat").get_by_role("button").click()
    expect(chat.answers).to_have_count(0, timeout=PATIENCE)
    dialog = search(chat, "zebraf stripes")
    hit = dialog.locator(".st-key-hit-0")
    expect(hit).to_contain_text("Answer: The zebrafish has stripes and lives in water.", timeout=PATIENCE)
    expect(hit.locator("strong", has_text="zebrafish")).to_have_count(1)
    hit.get_by_role("button").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    expect(chat.answers.nth(1)).to_be_in_viewport(timeout=PATIENCE)
    chat.page.wait_for_timeout(1500)
    expect(chat.answers.nth(1)).to_be_in_viewport()
    assert chat.id == there


def test_a_hit_on_another_branch_shows_that_branch_and_nothing_in_it_is_drawn_as_markdown(chat: Chat):
    conversation = chat.store.create_conversation(OWNER).id
    for text in ("![x](http://evil.example/leak) okapi **bold**", "giraffe"):
        chat.store.add_message(OWNER, conversation, role="user", wire={"content": text}, parent_id=None)
    dialog = search(chat, "okapi")
    expect(dialog.locator(".st-key-hit-0")).to_contain_text("![x](http://evil.example/leak) okapi **bold**")
    dialog.locator(".st-key-hit-0").get_by_role("button").click()
    expect(chat.questions.first).to_contain_text("okapi", timeout=PATIENCE)


def test_where_nothing_is_found_the_dialog_says_so(chat: Chat):
    expect(search(chat, "no such words")).to_contain_text("Nothing was found", timeout=PATIENCE)
