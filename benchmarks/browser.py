"""Chromium under measurement, driven by Playwright."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

PATIENCE = 30_000.0
"""Milliseconds that an element may take to appear."""
CHAT_INPUT = '[data-testid="stChatInputTextArea"]'
AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]'


class NoBrowserError(Exception):
    """There is no Chromium; the measurement is left out."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine, else Playwright's own.

    Raises:
        NoBrowserError: neither is there.
    """
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        try:
            # Chromium's own sandbox does not work for root, as whom containers run; the pages are ours.
            browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        except Exception as error:
            raise NoBrowserError("No Chromium: install it, or run `python -m playwright install chromium`.") from error
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, url: str) -> Page:
    """Open a tab of a new visitor."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def send(page: Page, text: str) -> None:
    """Write a chat message and send it."""
    box = page.locator(CHAT_INPUT)
    box.fill(text)
    box.press("Enter")


class MainThread:
    """How busy the main thread of a page is, from the moment of making it on.

    Its own CPU counts: by the clock on the wall, other programs that take the core from it would count as its work.
    """

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._began, self._busy = time.monotonic(), self._task_duration()

    def share(self) -> float:
        """Per cent of the time since the beginning in which it worked."""
        return (self._task_duration() - self._busy) / (time.monotonic() - self._began) * 100

    def _task_duration(self) -> float:
        metrics: list[dict[str, Any]] = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))
