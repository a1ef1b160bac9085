"""Logging in over HTTP as a browser does, and what a page shows to whom."""

from collections.abc import Callable

import httpx

from tests.hosting.provider import LoginProcess
from tests.hosting.tab import Tab

ANN = {"sub": "ann", "name": "Ann Example", "email": "ann@example.com", "email_verified": True}


def follow(browser: httpx.Client, address: str, change: Callable[[str], str] = str) -> list[str]:
    """Go to an address and wherever it leads; `change` may put another address in the place of one. Returns them."""
    been = [address]
    while True:
        answer = browser.get(been[-1])
        assert answer.status_code < 500
        if answer.next_request is None:
            return been
        been.append(change(str(answer.next_request.url)))
        assert len(been) < 10


def log_in(app: LoginProcess, browser: httpx.Client, change: Callable[[str], str] = str) -> list[str]:
    """Press the button of the page, and go where it leads: to the provider, and back with a code."""
    open_page(app, browser)
    with Tab(app.url, browser) as tab:
        tab.draw()
        tab.press("Log in")
    return follow(browser, f"{app.url}{tab.login_address}", change)


def open_page(app: LoginProcess, browser: httpx.Client) -> None:
    """Ask for what a page asks first: the cookie that comes with it has to be there for any other to be read."""
    browser.get(f"{app.url}/_stcore/health").raise_for_status()
    assert "_streamlit_xsrf" in {one.name for one in browser.cookies.jar}


def seen(app: LoginProcess, browser: httpx.Client) -> Tab:
    """The page as this browser gets it."""
    with Tab(app.url, browser) as tab:
        tab.draw()
    return tab


def is_shown_nothing(tab: Tab) -> bool:
    """Whether there is the way in and nothing else: no box, no chats, no name."""
    assert "Log in to see your chats." in tab.text
    assert "Ann" not in tab.text
    assert "chat_input" not in tab.text
    return list(tab.buttons) == ["Log in"]


def is_turned_away(tab: Tab, why: str) -> None:
    """Look that there is the reason, and nothing else than the way to log in again."""
    assert why in tab.text
    assert "chat_input" not in tab.text
    assert list(tab.buttons) == ["Log in as somebody else"]


def is_in(tab: Tab, name: str = "Ann Example") -> bool:
    assert "chat_input" in tab.text
    assert "New chat" in tab.buttons
    return name in tab.text
