"""The log of a hosted process as JSON: every line on stderr parses, is joined by ids, and quotes nobody."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchat.demo import DemoServer
from orchat.hosting.request_ids import request_id
from tests.browser.app_process import OWNER, ROOT, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab

WORDS = "My hovercraft is full of eels"
SECRET = "s3cret-token-of-the-metrics"
HOSTED_AS_JSON = {"ORCHAT_LOG_FORMAT": "json", "ORCHAT_LOG_LEVEL": "DEBUG", "ORCHAT_METRICS_TOKEN": SECRET}
FAILING = """
from starlette.routing import Route
from orchat.ui import sending


def refuse(intent, kind, current):
    raise ValueError(f"{intent.text} cannot be said with {current.key}") from KeyError(intent.text)


async def fail(request):
    raise ValueError(f"{await request.body()!r} cannot be served")


sending.question_of = refuse
"""
"""Added to the hosted entry: a page and an address that fail, with words in their errors."""
FAILS = '[Route("/fails", fail, methods=["POST"]), *hosting.routes()]'
Line = dict[str, Any]


def lines(app: AppProcess) -> list[Line]:
    """Every line of stderr; all of them have to be objects."""
    read = [json.loads(line) for line in app.errors.read_text().splitlines()]
    assert all(isinstance(line, dict) for line in read)
    return read


def until(found: Callable[[], list[Line]]) -> list[Line]:
    deadline = time.monotonic() + 20
    while not (there := found()):
        assert time.monotonic() < deadline, "it was never logged"
        time.sleep(0.05)
    return there


@pytest.fixture
def app(demo: DemoServer, tmp_path: Path) -> Iterator[AppProcess]:
    with AppProcess(demo, tmp_path, entry=HOSTED, **HOSTED_AS_JSON) as app:
        yield app


def test_each_line_of_a_hosted_process_is_an_object_with_the_ids_of_what_it_belongs_to(app: AppProcess):
    answer = httpx.get(f"{app.url}/ready", headers={"X-Request-Id": "from-the-proxy_1"})
    assert answer.headers.get_list("x-request-id") == ["from-the-proxy_1"]
    with Tab(app.url) as tab:
        tab.draw()
        tab.say(WORDS)
    with app.store as store:
        [chat] = store.conversations(OWNER)
        said, answered = store.branch(OWNER, chat.id)
    assert said.text == WORDS
    [ended] = until(lambda: [line for line in lines(app) if "Answer " in line["message"]])
    assert ended["run"] == answered.id
    # The page in which it was asked for is known, too.
    assert ended["page"] in {line["page"] for line in lines(app) if line["logger"] == "orchat.ui.frame"}
    [served] = [line for line in lines(app) if line.get("request") == "from-the-proxy_1"]
    assert served["message"].startswith("GET /ready: 200 after ")
    app.stop()
    for line in lines(app):
        assert {"time", "level", "logger", "message"} <= set(line)
        if line["logger"] == "orchat.hosting.request_ids":
            assert line["request"]
        if line["logger"] == "orchat.ui.frame":
            assert line["page"]
    quotes_nothing(app)


def quotes_nothing(app: AppProcess) -> None:
    for secret in ("hovercraft", "eels", app.demo.api_key, SECRET):
        assert secret not in app.errors.read_text()


def test_a_page_and_a_request_that_fail_are_each_one_line_that_says_where_and_quotes_nothing(
    demo: DemoServer, tmp_path: Path
):
    found_by = "Path(__file__).resolve().parents[1]"
    hosted = (ROOT / HOSTED).read_text()
    entry = tmp_path / "entry.py"
    changes = {
        found_by: f"Path({str(ROOT)!r})",
        "app = st.App(": f"{FAILING}app = st.App(",
        "hosting.routes()": FAILS,
    }
    for there, instead in changes.items():
        assert hosted.count(there) == 1
        hosted = hosted.replace(there, instead)
    entry.write_text(hosted)
    with AppProcess(demo, tmp_path, entry=str(entry), **HOSTED_AS_JSON) as app:
        with Tab(app.url) as tab:
            tab.draw()
            tab.say(WORDS)
            assert "exception {" in tab.text
        [page] = until(lambda: [line for line in lines(app) if "refuse" in line.get("trace", "")])
        assert httpx.post(f"{app.url}/fails", content=WORDS, headers={"X-Request-Id": "r-1"}).status_code == 500
        [request] = until(lambda: [line for line in lines(app) if "in fail" in line.get("trace", "")])
    assert page["page"]
    assert page["trace"].startswith("KeyError\n\n")
    assert page["trace"].endswith("ValueError")
    assert request["request"] == "r-1"
    assert request["trace"].endswith("ValueError")
    quotes_nothing(app)


def test_without_the_hosted_entry_a_page_that_fails_is_logged_without_words_too(demo: DemoServer, tmp_path: Path):
    entry = tmp_path / "entry.py"
    (tmp_path / "pages").symlink_to(ROOT / "pages")
    entry.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{FAILING}\nfrom orchat.ui import frame\nframe.run()\n"
    )
    with AppProcess(demo, tmp_path, entry=str(entry)) as app:
        with Tab(app.url) as tab:
            tab.draw()
            tab.say(WORDS)
            assert "exception {" in tab.text
        assert "in refuse\nValueError" in app.errors.read_text()
        quotes_nothing(app)


def test_what_no_logger_writes_is_json_too(tmp_path: Path):
    script = """
import logging, sys, threading, warnings
from orchat.hosting.console import take_over
from orchat.settings import Settings
before = logging.getLogger("before"); before.addHandler(logging.StreamHandler())
take_over(Settings.load())
late = logging.getLogger("late"); late.propagate = False
handler = logging.StreamHandler(); handler.setFormatter(logging.Formatter("%(message)s")); late.addHandler(handler)
before.warning("one\\nline"); late.error("two"); logging.getLogger("nobodys").warning("three")
print("four", "words", file=sys.stderr); sys.stderr.writelines(["fi", "ve\\n"])
warnings.warn("six")
thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()
sys.exit("seven") if len(sys.argv) > 1 else int("eels")
"""
    environment = {"ORCHAT_LOG_FORMAT": "json", "PYTHONPATH": str(ROOT)}
    for arguments, last in ((["x"], "seven"), ([], "Uncaught ValueError")):
        command = [sys.executable, "-c", script, *arguments]
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 1
        written = [json.loads(line) for line in ended.stderr.splitlines()]
        messages = [line["message"] for line in written]
        assert messages[:5] == ["one\nline", "two", "three", "four words", "five"]
        assert "six" in messages[5]
        assert (messages[6], written[6]["trace"].endswith("ZeroDivisionError")) == ("Uncaught ZeroDivisionError", True)
        assert messages[7:] == [last]
        assert "eels'" not in ended.stderr


@pytest.mark.parametrize("said", ["a", "A-b_9", "x" * 64])
def test_a_sane_id_of_the_proxy_is_taken_over(said: str):
    assert request_id([said]) == said


@pytest.mark.parametrize(
    "said", [[], [""], ["x" * 65], ["a b"], ['a"}'], ["a\n"], ["ä"], ["a", "b"]], ids=lambda said: repr(said)[:12]
)
def test_any_other_is_replaced(said: list[str]):
    made = request_id(said)
    assert made not in said
    assert request_id([made]) == made
