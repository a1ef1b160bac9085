"""An answer deleted and brought back, as a person does it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, SCHEMES, serious

pytestmark = pytest.mark.browser
DESK = {"width": 1440, "height": 900}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_an_answer_is_deleted_from_its_menu_and_brought_back_below_the_chat(
    new_tab: Callable[..., Chat], viewport: dict[str, int], scheme: str
):
    chat = new_tab(viewport=viewport, color_scheme=scheme).go().ready().send("Explain rainbows").ready()
    answer = chat.ended()
    chat.keyed(f"more-{answer.id}").get_by_role("button").click()
    chat.page.get_by_role("menuitem", name="Delete this answer").click()
    undo = chat.keyed("undo-removal").get_by_role("button")
    expect(undo).to_be_in_viewport(timeout=PATIENCE)
    expect(chat.answers).to_have_count(0)
    assert [message.role for message in chat.branch] == ["user"]
    assert serious(chat) == []
    undo.click()
    expect(chat.answer).to_contain_text("Simulated reply", timeout=PATIENCE)
    assert chat.branch[-1].id == answer.id
