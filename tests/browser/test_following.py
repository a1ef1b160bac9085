"""An answer goes on whatever happens to the page, and any page can follow it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.chat_page import PATIENCE, Chat, until

pytestmark = pytest.mark.browser
ChatWith = Callable[..., Chat]
NewTab = Callable[..., Chat]
MODEL = "anthropic/claude-haiku-4.5"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    # Half the natural speed: what is done meanwhile has to be done before the answer ends.
    with DemoServer(speed=0.5) as demo:
        yield demo


@pytest.fixture
def chat(chat_with: ChatWith) -> Chat:
    """A chat in which an answer has begun to arrive."""
    return chat_with(MODEL).send("Explain rainbows").streaming()


def complete(chat: Chat) -> None:
    """Expect the whole answer, asked for once, in the store and on the page."""
    message = chat.ended()
    assert message.state == "done"
    assert message.finish_reason == "stop"
    chat.shows(message)
    asked = [request for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id]
    assert len(asked) == 1


def test_turning_zdr_on_does_not_disturb_an_answer(chat: Chat):
    chat.flip("zdr")
    expect(chat.keyed("zdr-on")).to_be_visible(timeout=PATIENCE)
    assert chat.last.state == "streaming"
    complete(chat)


def test_turning_the_auto_router_on_and_off_does_not_disturb_an_answer(chat: Chat):
    switch = chat.page.get_by_role("switch", name="Auto-router")
    chat.flip("auto")
    expect(chat.page.locator("[aria-label=Model]:disabled")).to_be_visible(timeout=PATIENCE)
    chat.flip("auto")
    expect(switch).not_to_be_checked()
    expect(chat.page.locator("[aria-label=Model]:enabled")).to_be_visible(timeout=PATIENCE)
    complete(chat)


def test_switches_leave_one_picker_while_an_answer_streams(chat: Chat):
    chat.flip("auto")
    expect(chat.page.locator("[aria-label=Model]:disabled")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_role("combobox", name="Model")).to_have_count(1)
    assert chat.last.state == "streaming"
    chat.stop.click()
    chat.ended()


def test_an_answer_goes_on_through_a_reload(chat: Chat):
    chat.page.reload()
    expect(chat.questions).to_contain_text("Explain rainbows", timeout=PATIENCE)
    complete(chat)


def test_a_second_tab_follows_the_same_answer_from_its_beginning(chat: Chat, new_tab: NewTab):
    second = new_tab().go(f"/?chat={chat.id}")
    second.streaming()
    expect(second.answer).to_contain_text("Simulated reply", timeout=PATIENCE)
    complete(second)
    complete(chat)


def test_an_answer_goes_on_while_its_tab_is_closed(chat: Chat, new_tab: NewTab):
    url = chat.page.url.removeprefix(chat.app.url)
    chat.page.close()
    later = new_tab()
    conversation = url.partition("chat=")[2]
    until(lambda: later.store.branch("local", conversation)[-1].state == "done")
    later.go(url)
    complete(later)


def test_an_answer_goes_on_behind_a_new_chat_and_can_be_returned_to(chat: Chat):
    conversation = chat.id
    chat.keyed("new-chat").get_by_role("button").click()
    expect(chat.page.get_by_text("What is on your mind?")).to_be_visible(timeout=PATIENCE)
    expect(chat.stop).to_have_count(0)
    assert chat.store.branch("local", conversation)[-1].state == "streaming"
    chat.keyed(f"open-{conversation}").get_by_role("button").click()
    expect(chat.questions).to_contain_text("Explain rainbows", timeout=PATIENCE)
    complete(chat)


def test_an_answer_goes_on_behind_another_page(chat: Chat):
    chat.page.get_by_role("link", name="Models").click()
    expect(chat.page.get_by_role("heading", name="Models")).to_be_visible(timeout=PATIENCE)
    chat.page.go_back()
    expect(chat.questions).to_contain_text("Explain rainbows", timeout=PATIENCE)
    complete(chat)


def test_two_chats_can_be_answered_at_the_same_time(chat: Chat):
    first = chat.id
    chat.keyed("new-chat").get_by_role("button").click()
    expect(chat.page.get_by_text("What is on your mind?")).to_be_visible(timeout=PATIENCE)
    chat.send("Explain thunder").streaming()
    assert chat.id != first
    expect(chat.questions).to_have_count(1)
    complete(chat)
    until(lambda: chat.store.branch("local", first)[-1].state == "done")
    assert "thunder" not in chat.store.branch("local", first)[-1].text.lower()
