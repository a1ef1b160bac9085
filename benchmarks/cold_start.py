"""From the start of the process to the first paint of the chat input and to the whole page, beside a page of two lines.

The box is drawn before the rest is loaded, so both are measured: when one can write, and when everything is there. Of
the hosted entry, which loads and migrates before it answers, it is until its probe says that it is healthy.
"""

import compileall
import site
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks import app, browser
from benchmarks.processes import ROOT, Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale
from orchat.store import Store

PLAIN, OURS, FIRST = SUBJECTS = "plain page", "orchat", "orchat, first start ever"
HOSTED = "hosted entry, first start ever"
PAGE, ENTRY = app.PAGES / "plain.py", "streamlit_app.py"
BAR, HEALTHY = Bar(most=1.5, relative=True), Bar(most=5)
ROUNDS = 5
HEAVY = ("langchain", "langchain_core", "langchain_openai", "langgraph", "openai")


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process: on the clock until what was painted, and of CPU until the whole page."""

    first_paint: float
    whole_page: float
    cpu: float


def measure(scale: Scale) -> Table:
    """Start the pages by turns; the browser is already running."""
    compile_everything()
    starts: dict[str, list[Start]] = {name: [] for name in SUBJECTS}
    healthy: dict[str, list[float]] = {name: [] for name in (PLAIN, HOSTED)}
    with ExitStack() as running:
        url = running.enter_context(Process(["-m", "benchmarks.upstream"])).line()
        chromium = running.enter_context(browser.chromium())
        kept = running.enter_context(tempfile.TemporaryDirectory())
        Store.open(f"sqlite:///{kept}/orchat.db").close()
        for _ in range(scale.rounds(ROUNDS)):
            for name in SUBJECTS:
                with tempfile.TemporaryDirectory() as empty:
                    folder = kept if name == OURS else empty
                    script, environment = (PAGE, {}) if name == PLAIN else (ENTRY, app.settings(url, folder))
                    starts[name].append(start(chromium, script, environment))
            healthy[PLAIN].append(until_healthy(app.serving(PAGE)))
            healthy[HOSTED].append(until_healthy(app.hosted(url)))
    rows = [
        *_rows("first paint of the chat input", starts, lambda start: start.first_paint, BAR),
        *_rows("whole page", starts, lambda start: start.whole_page),
        *_rows("server CPU until the whole page", starts, lambda start: start.cpu),
        Row("start to healthy", PLAIN, plain := median(healthy[PLAIN]), "s"),
        Row("start to healthy", HOSTED, median(healthy[HOSTED]), "s", plain, HEALTHY),
    ]
    return Table("Cold start", rows, [_loaded(), "Bytecode was compiled before."])


def _rows(
    measured: str, starts: Mapping[str, list[Start]], value: Callable[[Start], float], bar: Bar | None = None
) -> Iterator[Row]:
    peer = median(map(value, starts[PLAIN]))
    yield Row(measured, PLAIN, peer, "s")
    for name in (OURS, FIRST):
        yield Row(measured, name, median(map(value, starts[name])), "s", peer, bar)


def until_healthy(starting: AbstractContextManager[app.App]) -> float:
    """Start a server and return how many seconds passed until its probe answered."""
    began = time.monotonic()
    with starting:
        return time.monotonic() - began


def start(chromium: Browser, script: str | Path, environment: Mapping[str, str]) -> Start:
    """Start a page and wait until its chat input, then its title are on the screen."""
    began = time.monotonic()
    with app.serving(script, environment=environment) as server:
        page = browser.open_page(chromium, server.url)
        page.locator(browser.CHAT_INPUT).wait_for()
        painted = time.monotonic() - began
        page.get_by_role("heading", level=1).wait_for()
        whole = time.monotonic() - began
        measured = Start(painted, whole, server.process.cpu())
        page.context.close()
    return measured


def compile_everything() -> None:
    """Compile the environment and orchat to bytecode, as an installation does: a start must not pay for it."""
    for folder in (*site.getsitepackages(), str(ROOT / "orchat")):
        compileall.compile_dir(folder, quiet=2)


def loaded_heavy_modules() -> list[str]:
    """Return which of the packages that only the agent needs are loaded by the modules of the chat page."""
    code = (
        "import sys, orchat.services, orchat.ui.frame; print(*(name for name in sys.argv[1:] if name in sys.modules))"
    )
    with Process(["-c", code, *HEAVY]) as process:
        return process.line().split()


def _loaded() -> str:
    heavy = loaded_heavy_modules()
    return f"The chat page loads {', '.join(heavy)}: MISSED." if heavy else "LangChain and openai are not loaded."
