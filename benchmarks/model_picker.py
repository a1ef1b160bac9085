"""The model picker in the browser: from the press of the mouse to the first model on the screen."""

from contextlib import ExitStack
from statistics import median

from playwright.sync_api import Page

from benchmarks import app, browser
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale
from benchmarks.upstream import MODELS

ROUNDS = 5
BAR = Bar(most=300)
PICKER = '[data-testid="stSidebar"] [data-testid="stSelectbox"] input'
OPTION = '[role="option"]'
WATCH = """(option) => {
    window.opened = new Promise((resolve) => {
        document.addEventListener("pointerdown", () => {
            const began = performance.now();
            const look = () => document.querySelector(option)?.getClientRects().length
                ? requestAnimationFrame(() => resolve(performance.now() - began))
                : requestAnimationFrame(look);
            look();
        }, { once: true, capture: true });
    });
}"""
"""Resolves `window.opened` with the milliseconds from the next press of the mouse to the first option drawn."""


def measure(scale: Scale) -> Table:
    """Open and close the picker, again and again."""
    with ExitStack() as running:
        upstream = running.enter_context(Process(["-m", "benchmarks.upstream"]))
        server = running.enter_context(app.orchat(upstream.line()))
        page = browser.open_page(running.enter_context(browser.chromium()), server.url)
        page.locator(browser.CHAT_INPUT).wait_for()
        page.locator(browser.AT_REST).wait_for()
        opened = [time_to_open(page) for _ in range(scale.rounds(ROUNDS))]
    rows = [
        Row("the first option is visible", "orchat, first opening", opened[0], "ms", bar=BAR),
        Row("the first option is visible", "orchat", median(opened), "ms", bar=BAR),
    ]
    return Table(
        "The model picker",
        rows,
        [f"{MODELS} models. The clock runs in the page, from the press of the mouse to the first option drawn."],
    )


def time_to_open(page: Page) -> float:
    """Open the picker, close it again, and return the milliseconds until its first option was visible."""
    page.evaluate(WATCH, OPTION)
    page.locator(PICKER).click()
    took: float = page.evaluate("() => window.opened")
    page.keyboard.press("Escape")
    page.locator(OPTION).first.wait_for(state="hidden")
    return took
