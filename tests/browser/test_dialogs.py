"""Dialogs: the visitor's own key, and the new title of a chat."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from orchat.demo import DemoServer
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]
KEY = "sk-or-v1-visitors-own-key-1234567890"


@pytest.fixture(scope="module")
def app(browser: object, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """An installation without a key, where replies are simulated until a visitor brings one."""
    with AppProcess(demo, tmp_path_factory.mktemp("app"), OPENROUTER_API_KEY=None) as app:
        yield app


@pytest.fixture
def dialog(chat: Chat) -> Locator:
    chat.keyed("enter-key").get_by_role("button").click()
    dialog = chat.page.get_by_role("dialog")
    expect(dialog.get_by_label("API key")).to_be_visible(timeout=PATIENCE)
    return dialog


def enter(dialog: Locator, key: str) -> None:
    dialog.get_by_label("API key").fill(key)
    dialog.get_by_role("button", name="Check and use").click()


def test_an_accepted_key_is_used_from_then_on_and_written_down_nowhere(chat: Chat, dialog: Locator, demo: DemoServer):
    enter(dialog, f" {KEY} ")
    expect(chat.page.get_by_text("Your own key is in use")).to_be_visible(timeout=PATIENCE)
    expect(dialog).to_have_count(0)
    chat.send("Hello")
    assert chat.ended().simulated is False
    asked = [request for request in demo.requests if (request.body or {}).get("session_id") == chat.id]
    assert [request.headers["authorization"] for request in asked] == [f"Bearer {KEY}"]
    assert KEY not in chat.page.content()
    files = [path for path in chat.app.folder.rglob("*") if path.is_file()]
    assert [file for file in files if KEY.encode() in file.read_bytes()] == []


def test_a_key_is_gone_after_a_reload(chat: Chat, dialog: Locator):
    enter(dialog, KEY)
    expect(chat.page.get_by_text("Your own key is in use")).to_be_visible(timeout=PATIENCE)
    chat.page.reload()
    chat.ready()
    expect(chat.keyed("enter-key")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_text("Replies are simulated")).to_be_visible()


@pytest.mark.parametrize(
    "key, said",
    [
        (" ", "Paste a key first"),
        ("sk-or-v1-invalid", "openrouter.ai/settings/keys"),
        (DemoServer.management_key, "management key"),
    ],
    ids=["nothing", "refused", "management"],
)
def test_a_key_that_cannot_chat_is_refused_with_the_reason(dialog: Locator, key: str, said: str):
    enter(dialog, key)
    expect(dialog.get_by_role("alert")).to_contain_text(said, timeout=PATIENCE)
    expect(dialog.get_by_label("API key")).to_be_visible()


def test_the_field_for_the_key_hides_it(dialog: Locator):
    expect(dialog.get_by_label("API key")).to_have_attribute("type", "password")


def test_a_chat_can_be_renamed(said: Said):
    chat = said("An answer")
    chat.store.rename(OWNER, chat.id, "Before")
    chat.page.reload()
    chat.ready().keyed(f"menu-{chat.id}").get_by_role("button").click()
    chat.page.get_by_text("Rename", exact=True).click()
    title = chat.page.get_by_role("dialog").get_by_label("Title")
    expect(title).to_have_value("Before", timeout=PATIENCE)
    title.fill("My own title")
    chat.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(chat.keyed(f"open-{chat.id}")).to_contain_text("My own title", timeout=PATIENCE)
    assert chat.store.conversation(OWNER, chat.id).title == "My own title"
