"""The agent and the end of its process: deep links, approvals and calls that outlive it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.agent_app import agent, tools  # noqa: F401 - fixtures
from tests.browser.app_process import AppProcess
from tests.browser.chat_page import PATIENCE, Chat, until
from tests.laboratory import MAIL

pytestmark = pytest.mark.browser
Agent = Callable[..., Chat]
NewTab = Callable[..., Chat]


@pytest.fixture
def app(browser: object, demo: DemoServer, tools: Path, tmp_path: Path) -> Iterator[AppProcess]:  # noqa: F811
    """A process that nobody has visited."""
    with AppProcess(demo, tmp_path, ORCHAT_TOOLS_DIR=str(tools), ORCHAT_TITLE_MODEL="none") as app:
        yield app


def test_the_agents_page_can_be_the_first_one_opened(new_tab: NewTab):
    chat = new_tab().go("/agent")
    expect(chat.page.get_by_text("What needs doing?")).to_be_visible(timeout=PATIENCE)
    expect(chat.keyed("tools-panel")).to_be_visible(timeout=PATIENCE)
    expect(chat.keyed("new-chat")).to_be_visible()


def test_an_approval_waits_through_a_restart(app: AppProcess, agent: Agent, new_tab: NewTab):  # noqa: F811
    chat = agent().do(MAIL, "say It went out.")
    chat.says("would like to run")
    until(lambda: chat.last.state == "waiting")
    app.kill()
    with app.again() as again:
        later = new_tab(again).go(f"/agent?chat={chat.id}")
        later.says("would like to run")
        later.press("Allow once")
        later.says("It went out.")
        assert [m.wire["content"] for m in later.branch if m.role == "tool"] == ["sent to ann@example.org: Hello"]


def test_a_call_that_was_running_when_the_process_was_killed_is_shown_as_stopped_and_the_next_turn_is_valid(
    app: AppProcess,
    agent: Agent,  # noqa: F811
    new_tab: NewTab,
):
    chat = agent().do('call measure {"seconds": 60}', "say Never said.")
    chat.says("Measure: the first sample")
    until(lambda: chat.last.role == "tool")
    app.kill()
    with app.again() as again:
        later = new_tab(again).go(f"/agent?chat={chat.id}")
        later.says("Measure · stopped")
        later.says("Cut off")
        later.ready().do("say Back again.")
        later.says("Back again.")
