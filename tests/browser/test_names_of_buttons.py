"""Every button has a name that a screen reader can say, also one that shows an icon alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]

BUTTON = re.compile(r"- button(?: \"(?P<name>[^\"]*)\")?")
"""A button in Playwright's snapshot of what a screen reader is told."""
ICON = re.compile(r"\w*_\w*| icon$")
"""The name of an icon, which says nothing."""


def names(chat: Chat) -> list[str]:
    return [button["name"] or "" for button in BUTTON.finditer(chat.page.locator("body").aria_snapshot())]


def regenerated(chat: Chat) -> None:
    """Give the last question a second answer."""
    question = chat.branch[-1].parent_id
    wire = {"role": "assistant", "content": "Another answer."}
    chat.store.add_message(OWNER, chat.id, role="assistant", wire=wire, parent_id=question)
    chat.page.reload()
    chat.ready()


def test_every_button_of_the_chat_page_has_a_name(said: Said):
    chat = said("An answer.")
    regenerated(chat)
    expect(chat.answer).to_contain_text("Another answer.", timeout=PATIENCE)
    expect(chat.answer.get_by_role("button", name="More for this answer")).to_be_visible(timeout=PATIENCE)
    heard = names(chat)
    assert {"Side by side", "Receipt", "More for this answer", "More for this chat"} <= set(heard)
    assert [name for name in heard if not name or ICON.search(name)] == []


def test_a_button_with_an_icon_shows_no_text(said: Said):
    chat = said("An answer.")
    for name in ("Receipt", "More for this answer"):
        label = chat.answer.get_by_role("button", name=name).get_by_test_id("stMarkdownContainer")
        expect(label).to_have_text(name, timeout=PATIENCE)
        assert (label.bounding_box() or {}).get("width") == 1
