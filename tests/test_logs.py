"""Logs: one object a line, joined by the run, and without anybody's words."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.choices import LogFormat
from orchat.demo import DemoServer
from orchat.logs import RUN, formatter, log_to_the_console
from orchat.services import Services
from orchat.settings import Settings
from orchat.temporary import PREFIX
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
    assert "ValueError: why" in json.loads(line)["trace"]


@pytest.mark.parametrize("form", list(LogFormat))
def test_an_error_of_a_temporary_chat_is_written_without_what_it_says(written: io.StringIO, form: LogFormat):
    log_to_the_console("INFO", form)
    token, said = RUN.set(f"{PREFIX}m1"), " ".join(["a", "secret"])
    try:
        try:
            raise ValueError(said)
        except ValueError as error:
            raise RuntimeError(said) from error
    except RuntimeError:
        log.exception("It failed")
    RUN.reset(token)
    assert "a secret" not in written.getvalue()
    assert "RuntimeError" in written.getvalue()
    assert "test_logs.py" in written.getvalue()


@pytest.mark.parametrize("form", list(LogFormat))
def test_an_error_that_others_log_is_written_without_what_it_says(form: LogFormat):
    said = " ".join(["a", "secret"])
    try:
        try:
            raise KeyError(said)
        except KeyError as error:
            raise RuntimeError(said) from error
    except RuntimeError:
        record = logging.LogRecord("streamlit", logging.ERROR, "", 1, "It failed", (), sys.exc_info())
    line = formatter(form).format(record)
    assert "a secret" not in line
    assert line.index("KeyError") < line.index("RuntimeError")


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
