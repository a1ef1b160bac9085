"""A long answer on its way to the browser: bytes, updates, and the CPU of both ends, beside the naive page."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from playwright.sync_api import Error as PlaywrightError

from benchmarks import app, browser
from benchmarks.app import App
from benchmarks.page_client import Tab
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale
from benchmarks.upstream import CHARACTERS

PER_SECOND = 100
QUICK, FULL, CODE = 2_000, 8_000, 4_000
OURS, NAIVE = "orchat", "naive write_stream"
PAGES: Mapping[str, Callable[[str], AbstractContextManager[App]]] = {NAIVE: app.naive, OURS: app.orchat}
BYTES, UPDATES, SERVER, BUSY = "websocket", "updates", "server CPU", "main thread"
UNITS = {BYTES: "MB", UPDATES: "/s", SERVER: "s", BUSY: "%"}
BARS = {UPDATES: Bar(least=10, most=17), BUSY: Bar(most=35)}
BYTES_BARS = {
    f"prose {FULL}": Bar(most=0.8),
    # A block that cannot be cut is sent again with every update: 64 kB a second is what that may cost.
    f"code {CODE}": Bar(most=0.064 * CODE / PER_SECOND),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer cost, by measure; `note` says what is wrong with it."""

    values: Mapping[str, float]
    note: str = ""


def measure(scale: Scale) -> Table:
    """Let the pages show the same answers, one at a time."""
    answers = [("prose", QUICK)] if scale.quick or scale.tiny else [("prose", QUICK), ("prose", FULL), ("code", CODE)]
    rows: list[Row] = []
    with Process(["-m", "benchmarks.upstream"]) as upstream:
        url = upstream.line()
        for kind, chunks in answers:
            both = scale.long or chunks == QUICK
            answer = f"{kind} {scale.chunks(chunks)}"
            readings = {name: _read(PAGES[name], url, answer) for name in (PAGES if both else [OURS])}
            rows += _rows(answer, readings)
    return Table(
        "A long answer on the page",
        rows,
        [
            f"Chunks of {CHARACTERS} characters, {PER_SECOND} a second, Markdown (prose) or one block of code. Bytes, "
            "updates and server CPU are read from a bare websocket, the CPU of the page's main thread from Chromium."
        ],
    )


def _rows(answer: str, readings: Mapping[str, Reading]) -> list[Row]:
    kind, chunks = answer.split()
    naive = readings.get(NAIVE)
    rows = []
    for name, unit in UNITS.items():
        for subject, reading in readings.items():
            ours = subject == OURS
            bar = BYTES_BARS.get(answer) if name == BYTES else BARS.get(name) if kind == "prose" else None
            rows.append(
                Row(
                    f"{int(chunks):,} chunks of {kind}: {name}",
                    subject,
                    reading.values.get(name),
                    unit,
                    naive.values.get(name) if naive and ours else None,
                    bar if ours else None,
                    reading.note if name == BUSY else "",
                )
            )
    return rows


def _read(page: Callable[[str], AbstractContextManager[App]], upstream: str, answer: str) -> Reading:
    with page(upstream) as server:
        values = _over_websocket(server, f"{answer} {PER_SECOND}")
    with page(upstream) as server:
        try:
            busy, note = _in_browser(server, f"{answer} {PER_SECOND}")
        except browser.NoBrowserError as reason:
            return Reading(values, str(reason))
    return Reading(values | {BUSY: busy}, note)


def _over_websocket(server: App, question: str) -> dict[str, float]:
    with Tab(server.port) as tab:
        tab.rerun()
        time.sleep(app.SETTLING)
        # The first answer of a process pays for lazy imports.
        tab.say(f"prose 10 {PER_SECOND}")
        before = server.process.cpu()
        traffic = tab.say(question)
        spent = server.process.cpu() - before
    return {BYTES: traffic.bytes / 1e6, UPDATES: traffic.updates / traffic.seconds, SERVER: spent}


def _in_browser(server: App, question: str) -> tuple[float, str]:
    """Return how busy the main thread was while the answer streamed, and what is wrong with the page afterwards."""
    duration = int(question.split()[1]) / PER_SECOND
    with browser.chromium() as chromium:
        page = browser.open_page(chromium, server.url)
        page.locator(browser.CHAT_INPUT).wait_for()
        time.sleep(app.SETTLING)
        main_thread = browser.MainThread(page)
        browser.send(page, question)
        time.sleep(duration)
        busy = main_thread.share()
        try:
            page.locator(browser.AT_REST).wait_for(timeout=(app.SETTLING + duration / 4) * 1000)
        except PlaywrightError:
            return busy, "the answer never ended: the tab is dead"
        return busy, ""
