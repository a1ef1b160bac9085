"""Logs: one object a line, joined by the run, and without anybody's words."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchat.choices import LogFormat
from orchat.demo import DemoServer
from orchat.errors import StoreError
from orchat.logs import RUN, formatter, log_to_the_console, without_words
from orchat.services import Services
from orchat.settings import Settings
from orchat.turn import Ask

log = logging.getLogger("orchat.test")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is written to the console."""
    logger = logging.getLogger("orchat")
    before, level = logger.handlers[:], logger.level
    stream = io.StringIO()
    logger.handlers[:] = [logging.StreamHandler(stream)]
    yield stream
    logger.handlers[:] = before
    logger.setLevel(level)


def test_a_line_of_json_has_its_time_level_and_run(written: io.StringIO):
    log_to_the_console("INFO", LogFormat.JSON)
    token = RUN.set("m1")
    log.info("“%s” took %d s", "It", 3)
    RUN.reset(token)
    log.debug("not shown")
    [line] = written.getvalue().splitlines()
    said = json.loads(line)
    assert said.pop("time").endswith("+00:00")
    assert said == {"level": "INFO", "logger": "orchat.test", "message": "“It” took 3 s", "run": "m1"}


def test_an_error_keeps_its_trace_on_the_same_line(written: io.StringIO):
    log_to_the_console("INFO", LogFormat.JSON)
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("It failed")
    [line] = written.getvalue().splitlines()
    trace = json.loads(line)["trace"]
    assert trace.endswith("ValueError")
    assert "in test_an_error_keeps_its_trace_on_the_same_line" in trace


class QuotingError(Exception):
    """An error that says its words in every way that there is."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.add_note(said)


def plain(said: str) -> None:
    raise QuotingError(said)


def chained(said: str) -> None:
    try:
        plain(said)
    except QuotingError as error:
        raise StoreError(f"The database failed: {said}") from error


def while_handled(said: str) -> None:
    try:
        chained(said)
    except StoreError:
        plain(said)


def grouped(said: str) -> None:
    errors: list[Exception] = []
    for fail in (chained, while_handled):
        try:
            fail(said)
        except Exception as error:
            errors.append(error)
    inner = ExceptionGroup(said, errors)
    raise ExceptionGroup(said, [inner, KeyError(said)]) from inner


@pytest.mark.parametrize("name", ["orchat.test", "streamlit"])
@pytest.mark.parametrize("form", list(LogFormat))
@pytest.mark.parametrize("fail", [plain, chained, while_handled, grouped])
def test_no_error_is_written_with_what_it_says(fail: Callable[[str], None], form: LogFormat, name: str):
    key, message = "sk-or-v1-0123", "My hovercraft is full of eels"
    try:
        fail(f"{key}: {message}")
    except Exception:
        record = logging.LogRecord(name, logging.ERROR, "", 1, "It failed", (), sys.exc_info())
    line = formatter(form).format(record)
    assert key not in line
    assert "hovercraft" not in line
    assert "test_logs.py" in line
    # What was raised is written, and not the source that raised it: a tool's may hold a key.
    assert "QuotingError" in line
    assert "raise" not in line


def test_an_error_names_where_it_and_all_that_led_to_it_were():
    try:
        grouped("eels")
    except ExceptionGroup as error:
        said = without_words(error)
    assert said.endswith("in grouped\nExceptionGroup")
    for part in ("KeyError", "StoreError", "in while_handled", "in chained", "in plain"):
        assert part in said
    assert said.index("in plain\nQuotingError") < said.index("in chained\nStoreError")


def test_errors_that_lead_to_each_other_and_those_without_end_are_written_all_the_same():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert without_words(first) == "KeyError\n\nValueError"
    many = ExceptionGroup("", [ValueError() for _ in range(10_000)])
    assert len(without_words(many).splitlines()) < 200

    def again() -> None:
        again()

    with pytest.raises(RecursionError) as deep:
        again()
    assert len(without_words(deep.value).splitlines()) < 20


def test_text_names_the_run_too(written: io.StringIO):
    log_to_the_console("INFO", LogFormat.TEXT)
    RUN.set("m1")
    log.info("It happened")
    assert written.getvalue().endswith("INFO orchat.test [m1]: It happened\n")
    RUN.set(None)


@pytest.mark.parametrize("model", ["demo/fast", "demo/overloaded", "demo/mid-stream-error"])
def test_nobodys_words_are_logged_even_at_the_lowest_level(
    model: str, written: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with DemoServer(speed=0) as demo:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
        monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
        monkeypatch.setenv("ORCHAT_LOG_LEVEL", "DEBUG")
        monkeypatch.setenv("ORCHAT_LOG_FORMAT", "json")
        services = Services(Settings.load())
        chat = services.store.create_conversation("ann").id
        question = services.chats.say("ann", chat, "My hovercraft is full of eels", None)
        run = services.ask("ann", question, Ask(model), services.connection())
        assert run.settled.wait(20)
        services.close()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line for line in lines if line.get("run") == run.turn.message_id]
    assert "hovercraft" not in written.getvalue()
    assert demo.api_key not in written.getvalue()
