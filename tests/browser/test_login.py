"""Login by OpenID Connect, from the button to the provider and back, in a browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.browser.chat_page import PATIENCE, Chat, until
from tests.hosting.provider import LoginProcess, Provider

pytestmark = pytest.mark.browser
NewTab = Callable[..., Chat]

ANN = {"sub": "ann", "name": "Ann Example", "email": "ann@example.com", "email_verified": True}
BOB = {"sub": "bob", "name": "Bob Example", "email": "bob@example.com", "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def app(
    browser: Any, demo: DemoServer, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppProcess]:
    with LoginProcess(demo, provider, tmp_path_factory.mktemp("login")) as app:
        yield app


def log_in(page: Page) -> None:
    page.get_by_role("button", name="Log in").click()


def owner(provider: Provider, claims: dict[str, Any]) -> str:
    return f"{provider.issuer}|{claims['sub']}"


def test_each_person_has_their_own_and_one_browser_can_change_hands(new_tab: NewTab, provider: Provider):
    chat = new_tab().go()
    provider.person = ANN
    expect(chat.box).to_have_count(0)
    log_in(chat.page)
    expect(chat.page.get_by_text("Ann Example")).to_be_visible(timeout=PATIENCE)
    chat.ready().send("The secret of Ann")
    until(lambda: chat.store.conversations(owner(provider, ANN)))
    [conversation] = chat.store.conversations(owner(provider, ANN))
    until(lambda: [said.state for said in chat.store.branch(owner(provider, ANN), conversation.id)][1:] == ["done"])

    chat.page.get_by_role("button", name="Log out").click()
    expect(chat.page.get_by_role("button", name="Log in")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_text("The secret of Ann")).to_have_count(0)

    provider.person = BOB
    log_in(chat.page)
    expect(chat.page.get_by_text("Bob Example")).to_be_visible(timeout=PATIENCE)
    chat.go(f"/?chat={conversation.id}")
    expect(chat.page.get_by_text("There is no such conversation")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_text("The secret of Ann")).to_have_count(0)
    assert chat.store.conversations(owner(provider, BOB)) == []
