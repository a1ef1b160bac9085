"""From the start of the process to the first paint of the chat input, beside a page of two lines."""

import compileall
import site
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks import app, browser
from benchmarks.processes import ROOT, Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale
from orchat.store import Store

PLAIN, OURS, FIRST = SUBJECTS = "plain page", "orchat", "orchat, first start ever"
PAGE, ENTRY = app.PAGES / "plain.py", "streamlit_app.py"
BAR = Bar(most=1.5, relative=True)
ROUNDS = 5
HEAVY = ("langchain", "langchain_core", "langchain_openai", "langgraph", "openai")


def measure(scale: Scale) -> Table:
    """Start the pages by turns; the browser is already running."""
    compile_everything()
    seconds: dict[str, list[float]] = {name: [] for name in SUBJECTS}
    spent: dict[str, list[float]] = {name: [] for name in SUBJECTS}
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
                    took, cpu = first_paint(chromium, script, environment)
                seconds[name].append(took)
                spent[name].append(cpu)
    rows = [*_rows("first paint", seconds, BAR), *_rows("server CPU until then", spent, None)]
    return Table("Cold start", rows, [_loaded(), "Bytecode was compiled before."])


def _rows(measured: str, values: Mapping[str, list[float]], bar: Bar | None) -> Iterator[Row]:
    peer = median(values[PLAIN])
    yield Row(measured, PLAIN, peer, "s")
    for name in (OURS, FIRST):
        yield Row(measured, name, median(values[name]), "s", peer, bar)


def first_paint(chromium: Browser, script: str | Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Start a page and return the seconds until its chat input is on the screen, and the server's CPU until then."""
    began = time.monotonic()
    with app.serving(script, environment=environment) as server:
        page = browser.open_page(chromium, server.url)
        page.locator(browser.CHAT_INPUT).wait_for()
        took, cpu = time.monotonic() - began, server.process.cpu()
        page.context.close()
    return took, cpu


def compile_everything() -> None:
    """Compile the environment and orchat to bytecode, as an installation does: a start must not pay for it."""
    for folder in (*site.getsitepackages(), str(ROOT / "orchat")):
        compileall.compile_dir(folder, quiet=2)


def loaded_heavy_modules() -> list[str]:
    """Return which of the packages that only the agent needs are loaded by the modules of the chat page."""
    code = "import sys, orchat.ui.frame; print(*(name for name in sys.argv[1:] if name in sys.modules))"
    with Process(["-c", code, *HEAVY]) as process:
        return process.line().split()


def _loaded() -> str:
    heavy = loaded_heavy_modules()
    return f"The chat page loads {', '.join(heavy)}: MISSED." if heavy else "LangChain and openai are not loaded."
