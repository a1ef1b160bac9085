"""What a message costs, said before it is sent: while it is written, and once more where it may cost much."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(browser: object, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    settings = {"ORCHAT_BUDGET": "chat: 0.5", "ORCHAT_CONFIRM_ABOVE": "0.3", "ORCHAT_TITLE_MODEL": "none"}
    folder = tmp_path_factory.mktemp("app")
    with AppProcess(demo, folder, ORCHAT_DEFAULT_MODEL="anthropic/claude-opus-4.6", **settings) as app:
        yield app


def test_the_gauge_counts_while_one_writes_and_what_may_cost_much_waits(chat: Chat, demo: DemoServer):
    chat.ready()
    gauge = chat.keyed("gauge")
    chat.box.fill("Explain rainbows, please, and take your time.")
    expect(gauge).to_contain_text("about 12 of 1M tokens · about $0.000060 + answer", timeout=PATIENCE)
    chat.box.press("Enter")
    chat.said = "Explain rainbows, please, and take your time."
    card = chat.keyed("confirm")
    expect(card).to_contain_text("This may cost up to $0.40.", timeout=PATIENCE)
    expect(chat.box).to_be_disabled()
    chat.press("Cancel")
    expect(chat.box).to_have_value(chat.said, timeout=PATIENCE)
    expect(card).to_have_count(0)
    assert asked(demo) == []
    chat.box.press("Enter")
    expect(card).to_be_visible(timeout=PATIENCE)
    card.get_by_role("button", name="Send").click()
    answer = chat.ended()
    assert answer.state == "done"
    assert len(asked(demo)) == 1
    expect(gauge).to_contain_text("of 1M tokens", timeout=PATIENCE)


def test_a_limit_set_beside_the_box_stops_the_next_message_with_a_card(chat: Chat):
    chat.ready()
    chat.store.save_preference(OWNER, "confirm_above", 100)
    chat.send("Hello")
    chat.ended()
    chat.ready().press("Budget")
    limit = chat.page.get_by_role("spinbutton", name="Limit of this chat")
    limit.fill("0.01")
    limit.press("Enter")
    chat.page.keyboard.press("Escape")
    chat.ready().send("Hello again")
    expect(chat.card).to_contain_text("the budget of this chat has", timeout=PATIENCE)
    expect(chat.card).to_contain_text("You have set it yourself")
    expect(chat.card).to_contain_text("of $0.01 spent")
    assert chat.store.chat_limits(OWNER, chat.id) == "0.01"


def asked(demo: DemoServer) -> list[Any]:
    return [request for request in demo.requests if request.body and request.body.get("messages")]
