"""Error cards as a person sees them."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
ChatWith = Callable[..., Chat]


@pytest.fixture(scope="module")
def app(browser: object, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with AppProcess(demo, tmp_path_factory.mktemp("app"), ORCHAT_IDLE_TIMEOUT="2") as app:
        yield app


CARDS = [
    ("demo/out-of-credits", "Add credits", "link"),
    ("demo/key-limit", "Open key settings", "link"),
    ("demo/rate-limited", "Let the auto-router choose", "button"),
    ("demo/provider-error", "Try again", "button"),
]


@pytest.mark.parametrize("model, action, role", CARDS, ids=[card[0] for card in CARDS])
def test_a_refusal_is_a_card_with_the_thing_to_do(chat_with: ChatWith, model: str, action: str, role: str):
    chat = chat_with(model).send("Please answer me")
    expect(chat.card).to_contain_text("⚠️", timeout=PATIENCE)
    expect(chat.card.get_by_role(role, name=action)).to_be_visible()  # type: ignore[arg-type]
    expect(chat.questions).to_contain_text("Please answer me")
    expect(chat.page.get_by_test_id("stException")).to_have_count(0)


def test_links_of_a_card_open_a_new_tab_that_cannot_reach_back(chat_with: ChatWith):
    chat = chat_with("demo/out-of-credits").send("Please answer me")
    link = chat.card.get_by_role("link", name="Add credits").last
    expect(link).to_have_attribute("href", "https://openrouter.ai/settings/credits", timeout=PATIENCE)
    expect(link).to_have_attribute("target", "_blank")
    assert "noreferrer" in (link.get_attribute("rel") or "")


@pytest.mark.parametrize("model", ["demo/mid-stream-error", "demo/stalls"])
def test_text_that_had_arrived_stands_above_the_card(chat_with: ChatWith, model: str):
    chat = chat_with(model).send("Explain rainbows")
    expect(chat.card).to_contain_text("⚠️", timeout=PATIENCE)
    message = chat.ended()
    assert len(message.text) > 40
    expect(chat.answer).to_contain_text("Simulated reply")


def test_details_open_on_a_click(chat_with: ChatWith):
    chat = chat_with("demo/provider-error").send("Hello")
    details = chat.card.get_by_text("status: 502")
    expect(chat.card.get_by_text("Details")).to_be_visible(timeout=PATIENCE)
    expect(details).not_to_be_visible()
    chat.card.get_by_text("Details").click()
    expect(details).to_be_visible(timeout=PATIENCE)


def test_the_auto_router_offered_on_a_card_answers_the_same_message(chat_with: ChatWith):
    chat = chat_with("demo/rate-limited").send("Explain rainbows")
    chat.card.get_by_role("button", name="Let the auto-router choose").click()
    chat.streaming()
    message = chat.ended()
    assert message.state == "done"
    assert message.auto
    assert [m.text for m in chat.branch if m.role == "user"] == ["Explain rainbows"]


def test_a_busy_provider_is_waited_for_and_the_page_says_so(chat_with: ChatWith):
    chat = chat_with("demo/flaky").send("Hello")
    expect(chat.answer).to_contain_text("Trying again in", timeout=PATIENCE)
    assert chat.ended().state == "done"


def test_a_refused_message_can_be_edited_and_sent_again(chat_with: ChatWith):
    chat = chat_with("demo/moderated").send("Please answer me")
    expect(chat.card).to_contain_text("⚠️", timeout=PATIENCE)
    chat.questions.get_by_role("button", name="Edit").click()
    box = chat.questions.get_by_label("Your message")
    expect(box).to_have_value("Please answer me", timeout=PATIENCE)
    box.fill("Something nicer")
    chat.questions.get_by_role("button", name="Send").click()
    expect(chat.questions).to_contain_text("Something nicer", timeout=PATIENCE)
    expect(chat.questions).to_contain_text("2 of 2")


def test_the_address_of_an_unknown_chat_is_a_card(chat: Chat):
    chat.go("/?chat=" + "0" * 32)
    expect(chat.card).to_contain_text("There is no such", timeout=PATIENCE)
    chat.ready().send("Hello")
    assert chat.ended().state == "done"
