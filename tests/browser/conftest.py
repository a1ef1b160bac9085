"""A Chromium, an app and an embedded OpenRouter for each module, a fresh profile for each tab.

Not for the session: while Playwright runs, no other test of the process could run an event loop.
"""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orchat.demo import DemoServer
from tests.browser.app_process import OWNER, AppProcess

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: make test installs it")

from tests.browser.chat_page import Chat  # noqa: E402 - needs Playwright

# Without windows it does the same for a quarter less of the processor.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever asks for a foreign host is recorded, and gets no answer.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium: install Debian's package chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as demo:
        yield demo


@pytest.fixture(scope="module")
def app(browser: Any, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with AppProcess(demo, tmp_path_factory.mktemp("app")) as app:
        yield app


@pytest.fixture
def new_tab(browser: Any, app: AppProcess) -> Iterator[Callable[..., Chat]]:
    """Open a tab with a profile of its own; options are those of Playwright's contexts."""
    tabs: list[Chat] = []

    def new_tab(server: AppProcess = app, **options: Any) -> Chat:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        tabs.append(Chat(context.new_page(), server, server.store))
        return tabs[-1]

    yield new_tab
    for tab in tabs:
        tab.page.context.close()
        tab.store.close()
    assert [url for tab in tabs for url in tab.foreign] == []


@pytest.fixture
def chat(new_tab: Callable[..., Chat]) -> Chat:
    """The chat page in a new tab, ready to be written to."""
    return new_tab().go().ready()


@pytest.fixture
def chat_with(new_tab: Callable[..., Chat]) -> Callable[..., Chat]:
    """Open an empty chat that is set to a model."""

    def chat_with(model: str, *, zdr: bool = False, **options: Any) -> Chat:
        tab = new_tab(**options)
        settings = {"model": model, "auto": False, "zdr": zdr}
        conversation = tab.store.create_conversation(OWNER, settings=settings)
        return tab.go(f"/?chat={conversation.id}").ready()

    return chat_with


@pytest.fixture
def said(new_tab: Callable[..., Chat]) -> Callable[..., Chat]:
    """Open a chat in which these answers were given, oldest first; no model had to say them."""

    def said(*answers: str, **options: Any) -> Chat:
        tab = new_tab(**options)
        chat = tab.store.create_conversation(OWNER).id
        parent = None
        for role, text in (
            (role, text) for answer in answers for role, text in (("user", "Go on"), ("assistant", answer))
        ):
            wire = {"role": role, "content": text}
            parent = tab.store.add_message(OWNER, chat, role=role, wire=wire, parent_id=parent).id
        return tab.go(f"/?chat={chat}").ready()

    return said
