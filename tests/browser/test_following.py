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


@pytest.fixture
def long_chat(chat_with: ChatWith) -> Chat:
    """One whose answer goes on until it is stopped."""
    return chat_with("demo/long").send("Explain rainbows").streaming()


def complete(chat: Chat) -> None:
    """Expect the whole answer, asked for once, in the store and on the page."""
    message = chat.ended()
    assert message.state == "done"
    assert message.finish_reason == "stop"
    chat.shows(message)
    assert asked(chat) == 1


def goes_on(chat: Chat) -> None:
    """Expect that more arrives, without having been asked for again; then stop it."""
    chat.grown(chat.grown(0) + 100)
    assert chat.last.state == "streaming"
    assert asked(chat) == 1
    chat.stop.click()
    assert chat.ended().state == "stopped"


def asked(chat: Chat) -> int:
    """How often an answer for this chat was asked for."""
    return len([request for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id])


def test_turning_zdr_on_does_not_disturb_an_answer(long_chat: Chat):
    long_chat.flip("zdr")
    expect(long_chat.keyed("zdr-on")).to_be_visible(timeout=PATIENCE)
    goes_on(long_chat)


def test_turning_the_auto_router_on_and_off_does_not_disturb_an_answer(long_chat: Chat):
    picker = long_chat.page.get_by_role("combobox", name="Model")
    long_chat.flip("auto")
    expect(picker.and_(long_chat.page.locator(":disabled"))).to_be_visible(timeout=PATIENCE)
    long_chat.flip("auto")
    expect(picker.and_(long_chat.page.locator(":enabled"))).to_be_visible(timeout=PATIENCE)
    goes_on(long_chat)


def test_after_a_switch_there_is_one_picker_though_an_answer_streams(long_chat: Chat):
    picker = long_chat.page.get_by_role("combobox", name="Model")
    long_chat.flip("auto")
    expect(picker.and_(long_chat.page.locator(":disabled"))).to_be_visible(timeout=PATIENCE)
    long_chat.flip("auto")
    expect(picker).to_have_count(1)
    expect(picker).to_be_enabled()
    goes_on(long_chat)


def test_an_answer_goes_on_through_a_reload(chat: Chat):
    chat.page.reload()
    expect(chat.questions).to_contain_text("Explain rainbows", timeout=PATIENCE)
    complete(chat)


def test_a_second_tab_follows_the_same_answer_from_its_beginning_and_can_stop_it(long_chat: Chat, new_tab: NewTab):
    second = new_tab().go(f"/?chat={long_chat.id}").streaming()
    expect(second.answer).to_contain_text("Simulated reply", timeout=PATIENCE)
    goes_on(second)
    expect(long_chat.stop).to_have_count(0, timeout=PATIENCE)
    expect(long_chat.answer).to_contain_text("Stopped", timeout=PATIENCE)


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
