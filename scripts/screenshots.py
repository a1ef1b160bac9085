"""Take the pictures of the README from the running app.

Usage: python scripts/screenshots.py [folder]. The app runs with simulated replies and a data folder of its own, so the
pictures need neither a key nor a network. Chromium has to be installed. The exit status is 1 when a picture is missing.
"""

import io
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Error, Page, ViewportSize, sync_playwright

# orchat need not be installed: the app is run from its folder too.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from orchat.demo.python_code import python_for

ROOT = Path(__file__).resolve().parent.parent
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
EARLIER = "Explain how tides work."
TABLE = "Compare SQLite and PostgreSQL as a table."
TASK = "Which Claude model is the cheapest? Look at its page too."
WAY = """think The list of models has the prices. The page may know more.
call openrouter_models {"search": "claude", "limit": 3}
call web_page {"url": "https://openrouter.ai/anthropic/claude-3-haiku"}"""
"""What the simulated model does about the task."""
PLOT_TASK = "Plot a damped oscillation, and show its first peaks as a table."
PLOTTED = "say Each peak is about **61 %** as high as the one before it: the oscillation decays exponentially."
CODE = "Write a Python function that yields Fibonacci numbers."
REPORT = """<style>body {font: 11pt/1.6 serif; margin: 2em} section {break-after: page}</style>
<section><h1>Herons of the lower valley</h1><p>Counted by volunteers on forty evenings between March and July.</section>
<section><h2>Results</h2><p>The heron population rose from 371 to 412 breeding pairs, the most since counting began.
<p>Most of them nest in alders near the river. Herons that nest farther away raise fewer young.</section>
<section><h2>Outlook</h2><p>If the alders at the weir are kept, we expect 430 pairs of herons in two years.</section>"""
"""Printed as the PDF that is searched."""
DOCUMENT_QUESTION = "What do my documents say about the heron population, and what is expected?"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LAST_ANSWER, FIRST_NOTE, TABLE_OF_MODELS = "[class*=st-key-retry-]", "[data-testid=stAlert]", ".st-key-models-table"
APPROVAL, CHIPS = "[class*=st-key-approval-]", "[class*=st-key-sources-]"
PLOT = "[data-testid=stChatMessage] [data-testid=stImage] img"
START_WITHIN = 60.0
ANSWER_WITHIN = 60_000
FIRST_CODE_WITHIN = 600_000
LARGEST = 250_000
"""Bytes of a picture: the README has to load quickly."""

Scheme = Literal["light", "dark"]


def main(arguments: list[str]) -> int:
    """Take all pictures; returns the exit status."""
    folder = Path(arguments[0]) if arguments else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as data, running_app(Path(data)) as address, chromium() as browser:
            chat = play_conversation(browser, address)
            take(browser, chat, folder / "chat-light.png", DESK, "light", LAST_ANSWER)
            take(browser, chat, folder / "chat-dark.png", DESK, "dark", LAST_ANSWER)
            take(browser, chat, folder / "phone.png", PHONE, "light", FIRST_NOTE)
            agent = play_agent(browser, address)
            take(browser, agent, folder / "agent.png", DESK, "light", APPROVAL)
            documents = play_documents(browser, address)
            take(browser, documents, folder / "citations.png", DESK, "light", CHIPS)
            code = play_code(browser, address)
            take(browser, code, folder / "code.png", DESK, "light", PLOT)
            take(browser, f"{address}/models", folder / "models.png", DESK, "light", TABLE_OF_MODELS)
    except (Error, OSError, RuntimeError) as error:
        print(f"The pictures could not be taken: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def running_app(data: Path) -> Iterator[str]:
    """Run the app with simulated replies and its data in `data`; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # `env` adds to the environment without our reading it.
    command = ["env", f"ORCHAT_DATA_DIR={data}", "ORCHAT_DEMO=always", sys.executable, "-m", "streamlit", "run"]
    options = [f"--server.port={port}", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    app = subprocess.Popen(
        [*command, "streamlit_app.py", *options],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, app)
        yield f"http://127.0.0.1:{port}"
    finally:
        app.terminate()
        try:
            app.wait(10)
        except subprocess.TimeoutExpired:
            app.kill()


def wait_for_port(port: int, app: subprocess.Popen[bytes]) -> None:
    """Return when the app listens.

    Raises:
        RuntimeError: it ended, or does not listen in time.
    """
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and app.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the app did not start. `make run` shows why.")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium that is installed, else the one that playwright has downloaded."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def play_conversation(browser: Browser, address: str) -> str:
    """Fill the list of chats: one earlier, one with a table, code and zero data retention. Returns its address."""
    with browser.new_page(viewport=DESK) as page:
        page.goto(address)
        ask(page, EARLIER, answers=1)
        page.locator(".st-key-new-chat button").click()
        ask(page, TABLE, answers=1)
        page.locator(".st-key-zdr-off label").click()
        page.locator(".st-key-zdr-on").wait_for()
        ask(page, CODE, answers=2)
        return page.url


def play_agent(browser: Browser, address: str) -> str:
    """Let the agent look prices up, and ask before it reads a page. Returns the conversation's address."""
    with browser.new_page(viewport=DESK) as page:
        instruct(page, address, WAY)
        say(page, TASK)
        page.locator(APPROVAL).wait_for(timeout=ANSWER_WITHIN)
        return page.url


def play_documents(browser: Browser, address: str) -> str:
    """Add a report, and ask the agent about it. Returns the conversation's address."""
    with browser.new_page(viewport=DESK) as page:
        page.set_content(REPORT)
        report = page.pdf(format="A5")
        page.goto(f"{address}/files")
        page.locator("input[type=file]").set_input_files(
            {"name": "herons.pdf", "mimeType": "application/pdf", "buffer": report}
        )
        page.get_by_text("1 searchable file").wait_for(timeout=ANSWER_WITHIN)
        page.goto(f"{address}/agent")
        page.get_by_test_id("stChatInputTextArea").wait_for()
        say(page, DOCUMENT_QUESTION)
        page.locator(CHIPS).wait_for(timeout=ANSWER_WITHIN)
        return page.url


def play_code(browser: Browser, address: str) -> str:
    """Let the agent plot something. The first time on a machine, the packages for code are installed for it."""
    with browser.new_page(viewport=DESK) as page:
        # Instructions with the word "title" would be taken for those of the call that words a chat's title.
        code = "\n".join(line for line in python_for(PLOT_TASK).splitlines() if "title" not in line)
        instruct(page, address, f"call run_python {json.dumps({'code': code})}\n{PLOTTED}")
        say(page, PLOT_TASK)
        page.get_by_role("button", name="Allow once").click(timeout=ANSWER_WITHIN)
        page.locator(PLOT).wait_for(timeout=FIRST_CODE_WITHIN)
        page.locator(LAST_ANSWER).last.wait_for(timeout=ANSWER_WITHIN)
        settle(page)
        return page.url


def instruct(page: Page, address: str, way: str) -> None:
    """Open the agent's page with the model that does what its instructions say."""
    page.goto(f"{address}/agent")
    page.locator(".st-key-auto label").first.click()
    model = page.get_by_role("combobox", name="Model")
    model.click()
    model.fill("Script")
    model.press("Enter")
    page.locator(".st-key-options-panel button").first.click()
    page.get_by_role("textbox", name="System prompt").fill(way)
    page.keyboard.press("Control+Enter")
    settle(page)
    page.keyboard.press("Escape")


def say(page: Page, text: str) -> None:
    """Send a message and wait until it is on the page."""
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(text)
    box.press("Enter")
    page.get_by_test_id("stChatMessage").get_by_text(text).wait_for()


def ask(page: Page, question: str, *, answers: int) -> None:
    """Send a question and wait until its answer and everything around it are there."""
    say(page, question)
    page.wait_for_function(
        "count => document.querySelectorAll('[class*=st-key-retry-]').length === count",
        arg=answers,
        timeout=ANSWER_WITHIN,
    )
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has been drawn: no script runs, nothing is faded, fonts and diagrams are there."""
    page.wait_for_function(
        """() => document.querySelector('[data-test-script-state=notRunning]')
            && !document.querySelector('[data-stale=true], [data-testid=stSkeleton], [data-testid=stSpinner]')
            && document.fonts.status === 'loaded'""",
        timeout=ANSWER_WITHIN,
    )


def take(browser: Browser, address: str, path: Path, size: ViewportSize, scheme: Scheme, first: str) -> None:
    """Open a page as a new visitor, show what `first` selects, and take the picture.

    Raises:
        RuntimeError: the picture is too large.
    """
    with browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce") as page:
        page.goto(address)
        page.locator(first).last.wait_for()
        settle(page)
        page.locator(first).last.scroll_into_view_if_needed()
        shown = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    # 256 colours are enough for a user interface and make a third of the bytes.
    shown.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    if (written := path.stat().st_size) > LARGEST:
        raise RuntimeError(f"{path.name} has {written:,} bytes, more than {LARGEST:,}.")
    print(f"{path.name}: {written:,} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
