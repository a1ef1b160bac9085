"""SIGTERM: answers are stopped and saved, and the process is gone before Docker would kill it."""

import os
import signal
import socket
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from orchat.demo import DemoServer
from orchat.hosting.ending import ENDS_WITHIN, LET_GO_WITHIN
from orchat.relay.relay import CLOSES_WITHIN
from orchat.runs import CLOSE_WITHIN, STEP_WITHIN, Deadline
from orchat.services import Services
from orchat.store import Message, Store
from orchat.turn import Ask
from tests.browser.app_process import OWNER, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.docker import grace
from tests.hosting.test_metrics import until
from tests.hosting.uploading import TYPE, UploadingTab
from tests.store.postgresql import installed_programs, temporary_server

SILENT = {"ORCHAT_DEFAULT_MODEL": "demo/silent", "ORCHAT_TITLE_MODEL": "none"}
FILES = ("compose.yaml", "deploy/compose.team.yaml")


@pytest.mark.parametrize("file", FILES)
def test_what_ending_may_take_in_all_is_less_than_docker_waits(file: str):
    assert grace(file) > LET_GO_WITHIN + ENDS_WITHIN
    assert ENDS_WITHIN > CLOSE_WITHIN + CLOSES_WITHIN


class Stubborn:
    """A thread, a run and its end, and work: each takes all the seconds that it is given, by a clock of its own."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.finished = self

    def now(self) -> float:
        return sum(self.waits)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    join = wait

    def result(self, seconds: float) -> None:
        self.waits.append(seconds)
        raise TimeoutError

    def submitted(self, work: Coroutine[Any, Any, Any]) -> "Stubborn":
        work.close()
        return self

    def is_alive(self) -> bool:
        return True

    def stop(self) -> None:
        """It does not."""


def test_closing_has_one_deadline_however_many_steps_take_all_they_may(
    services: Services, monkeypatch: pytest.MonkeyPatch
):
    stubborn = Stubborn()
    monkeypatch.setattr("orchat.services.Deadline", partial(Deadline, clock=stubborn.now))
    monkeypatch.setattr(services.runs, "_all", lambda: [stubborn] * 500)
    monkeypatch.setattr(services.runs, "submit", stubborn.submitted)
    monkeypatch.setattr(services.runs, "_thread", stubborn)
    services.close()
    assert stubborn.now() == CLOSE_WITHIN
    taken = [seconds for seconds in stubborn.waits if seconds]
    # Saving, other work, connections and interpreters; the rest is for the thread.
    assert taken[:3] == [STEP_WITHIN] * 3


def test_many_answers_that_nothing_comes_for_are_stopped_and_saved(services: Services):
    for _ in range(40):
        chat = services.store.create_conversation(OWNER).id
        question = services.chats.say(OWNER, chat, "Hello", None)
        services.ask(OWNER, question, Ask("demo/silent"), services.connection())
    services.close()
    with Store.open(services.settings.store_url) as store:
        assert [answer.state for answer in answers(store)] == ["stopped"] * 40


def begin_upload(tab: UploadingTab) -> socket.socket:
    """Send the beginning of a file, and never the rest of it."""
    head = (
        f"PUT {tab.place().upload_url} HTTP/1.1\r\nHost: 127.0.0.1:{tab.port}\r\nContent-Type: {TYPE}\r\n"
        f"X-Xsrftoken: {tab.xsrf}\r\nCookie: _streamlit_xsrf={tab.xsrf}\r\nContent-Length: 1000\r\n\r\n--edge\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", tab.port))
    connection.sendall(head.encode())
    return connection


def test_a_client_that_sends_no_more_keeps_no_answer_from_being_saved(tmp_path: Path):
    with (
        DemoServer() as silent,
        AppProcess(silent, tmp_path, entry=HOSTED, **SILENT) as app,
        UploadingTab(app.port) as tab,
        app.store as store,
    ):
        tab.rerun()
        with begin_upload(tab):
            tab.send("Hello")
            until(lambda: answers(store))
            assert app._process is not None
            app._process.send_signal(signal.SIGTERM)
            # As long as Docker does before it kills.
            app._process.wait(grace())
        assert [answer.state for answer in answers(store)] == ["stopped"]


def answers(store: Store) -> list[Message]:
    return [message for chat in store.conversations(OWNER) for message in store.branch(OWNER, chat.id)[1:]]


@contextmanager
def frozen(database: str) -> Iterator[None]:
    """Let a database answer nothing and refuse nothing, as behind a network that is gone."""
    [folder] = parse_qs(urlsplit(database).query)["host"]
    server = int(Path(folder, "data", "postmaster.pid").read_text().split()[0])
    processes = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
    _tell(processes, signal.SIGSTOP)
    try:
        yield
    finally:
        _tell(processes, signal.SIGCONT)


def _tell(processes: Iterable[int], number: signal.Signals) -> None:
    for process in processes:
        # A helper of the server may have ended meanwhile.
        with suppress(ProcessLookupError):
            os.kill(process, number)


@pytest.mark.skipif(installed_programs() is None, reason="there is no PostgreSQL")
def test_a_database_that_does_not_answer_any_more_does_not_keep_the_process(tmp_path: Path):
    programs = installed_programs()
    assert programs is not None
    with temporary_server(programs) as database, DemoServer() as silent:
        settings = SILENT | {"ORCHAT_DATABASE_URL": database}
        with AppProcess(silent, tmp_path, entry=HOSTED, **settings) as app, UploadingTab(app.port) as tab:
            tab.rerun()
            tab.send("Hello")
            with Store.open(database) as store:
                until(lambda: answers(store))
            assert app._process is not None
            with frozen(database):
                app._process.send_signal(signal.SIGTERM)
                app._process.wait(grace())
            assert "before everything was closed" in app.said()
