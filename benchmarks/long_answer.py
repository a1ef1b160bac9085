"""A long answer on its way to the browser: bytes, updates, and the CPU of both ends, beside the naive page."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page

from benchmarks import app, browser
from benchmarks.app import App
from benchmarks.page_client import Tab
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale
from benchmarks.upstream import CHARACTERS

PER_SECOND = 100
CHUNKS, QUICK_CHUNKS = 8_000, 2_000
CODE_CHUNKS, CODE_PER_SECOND = 4_000, 100
UPDATES = Bar(least=10, most=17)
BUSY = Bar(most=35)
MEGABYTES_PER_CHUNK = 0.8 / 8_000
"""The bar for bytes: 0.8 MB for 8,000 chunks, and linear."""
CODE_BAR = Bar(most=64_000 * CODE_CHUNKS / CODE_PER_SECOND / 1e6)
"""One code block cannot be cut: 64 kB a second is what it may cost, however long it grows."""
OURS, NAIVE = "orchat", "naive write_stream"
PAGES: dict[str, Callable[[str], AbstractContextManager[App]]] = {OURS: app.orchat, NAIVE: app.naive}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer cost; None where it could not be read, the reason in `note`."""

    megabytes: float | None = None
    updates_per_second: float | None = None
    server_cpu: float | None = None
    busy: float | None = None
    note: str = ""


def measure(scale: Scale) -> Table:
    """Let both pages show the same answers, one after the other."""
    rows: list[Row] = []
    with Process(["-m", "benchmarks.upstream"]) as upstream:
        read = partial(_read, upstream.line(), scale)
        lengths = [QUICK_CHUNKS] if scale.quick else [QUICK_CHUNKS, CHUNKS]
        for chunks in lengths:
            readings = {OURS: read(OURS, "prose", chunks)}
            if chunks == QUICK_CHUNKS or scale.long:
                readings[NAIVE] = read(NAIVE, "prose", chunks)
            rows += _rows(f"{chunks:,} chunks", chunks, readings)
        code = {OURS: read(OURS, "code", CODE_CHUNKS)} if not scale.quick else {}
        rows += [
            Row(f"one block of code, {CODE_CHUNKS * CHARACTERS // 1000} kB: websocket", name, r.megabytes, "MB", bar=CODE_BAR)
            for name, r in code.items()
        ]
    notes = [
        f"Chunks of {CHARACTERS} characters, {PER_SECOND} a second; bytes, updates and server CPU over a websocket "
        "without a browser, the main thread in Chromium.",
    ]
    return Table("A long answer on the page", rows, notes)
