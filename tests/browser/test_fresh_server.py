"""A process that has just started: deep links, and what is left after one that was killed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
NewTab = Callable[..., Chat]
ChatWith = Callable[..., Chat]

CHARACTERS_PER_SECOND = 400
"""What `demo/long` writes."""


@pytest.fixture
def app(browser: object, demo: DemoServer, tmp_path: Path) -> Iterator[AppProcess]:
    """A process that nobody has visited."""
    with AppProcess(demo, tmp_path) as app:
        yield app


def test_the_models_page_can_be_the_first_one_opened(new_tab: NewTab):
    chat = new_tab().go("/models")
    expect(chat.page.get_by_role("heading", name="Models")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE)
    # The whole frame, not the page alone: that is what a page that runs by itself lacks.
    expect(chat.page.get_by_test_id("stSidebarNavLink").get_by_text("Models", exact=True)).to_be_visible()
    expect(chat.keyed("new-chat")).to_be_visible()
    chat.page.get_by_role("link", name="Chat", exact=True).click()
    expect(chat.page.get_by_text("What is on your mind?")).to_be_visible(timeout=PATIENCE)


def test_the_agents_page_can_be_the_first_one_opened(new_tab: NewTab):
    chat = new_tab().go("/agent").ready()
    expect(chat.page.get_by_text("What needs doing?")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_test_id("stSidebarNavLink").get_by_text("Agent", exact=True)).to_be_visible()
    expect(chat.keyed("new-chat")).to_be_visible()


def test_what_is_written_before_everything_is_loaded_is_answered(new_tab: NewTab):
    chat = new_tab().go().send("Am I too early?")
    assert chat.ended().state == "done"
    expect(chat.answers).to_have_count(1)


def test_what_is_being_written_while_the_rest_is_loaded_stays_in_the_box(new_tab: NewTab):
    chat = new_tab().go()
    chat.box.press_sequentially("I have just begun")
    chat.ready()
    expect(chat.box).to_have_value("I have just begun")
    expect(chat.box).to_be_focused()


def test_a_chat_can_be_the_first_page_opened(new_tab: NewTab):
    chat = new_tab()
    conversation = chat.store.create_conversation(OWNER).id
    question = chat.store.add_message(
        OWNER, conversation, role="user", wire={"role": "user", "content": "Was I kept?"}, parent_id=None
    )
    wire = {"role": "assistant", "content": "You were."}
    chat.store.add_message(OWNER, conversation, role="assistant", wire=wire, parent_id=question.id)
    chat.go(f"/?chat={conversation}")
    expect(chat.questions).to_contain_text("Was I kept?", timeout=PATIENCE)
    expect(chat.answer).to_contain_text("You were.")


def test_the_credits_appear_without_a_click(new_tab: NewTab):
    chat = new_tab().go()
    expect(chat.metric).to_contain_text("$", timeout=PATIENCE)


def test_a_killed_process_loses_a_second_of_text_at_most_and_no_question(
    app: AppProcess, chat_with: ChatWith, new_tab: NewTab, demo: DemoServer
):
    chat = chat_with("demo/long").send("Tell me all of it").streaming(3 * CHARACTERS_PER_SECOND)
    shown = chat.answer.evaluate("answer => answer.innerText.length")
    app.kill()
    kept = chat.last
    assert kept.state == "streaming"
    # Markdown is longer than what is drawn of it, so this is on the safe side.
    assert len(kept.text) > shown - 1.5 * CHARACTERS_PER_SECOND
    with AppProcess(demo, app.folder) as restarted:
        later = new_tab(restarted).go(f"/?chat={chat.id}")
        expect(later.questions).to_contain_text("Tell me all of it", timeout=PATIENCE)
        expect(later.answer).to_contain_text("Cut off", timeout=PATIENCE)
        assert later.last.state == "cut_off"
        assert later.last.text == kept.text


def test_a_process_that_is_asked_to_end_keeps_what_was_written(app: AppProcess, chat_with: ChatWith):
    chat = chat_with("demo/long").send("Tell me all of it").streaming(CHARACTERS_PER_SECOND)
    app.stop()
    assert chat.last.state == "stopped"
    assert len(chat.last.text) > CHARACTERS_PER_SECOND / 2
    assert "Traceback" not in app.said()
