"""An installation to be hit by faults: its database, its OpenRouter, and what people do in it."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from orchat.demo import DemoServer
from orchat.events import TextDelta
from orchat.runs import Run
from orchat.services import Services
from orchat.settings import Settings
from orchat.turn import Ask
from tests import waiting
from tests.store.postgresql import SETTINGS, installed_programs, unprivileged_account, wait_until_ready
from tests.ui.chat_app import OWNER


class Database:
    """A PostgreSQL that can be stopped and started again."""

    def __init__(self, programs: Path, folder: Path, *options: str) -> None:
        """`options` are those of initdb."""
        self._programs, self._folder = programs, folder
        self._account: dict[str, Any] = unprivileged_account(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://orchat@/postgres?host={folder}"
        initdb = [programs / "initdb", "--auth=trust", "--username=orchat", "--encoding=UTF8", "--no-sync", *options]
        subprocess.run([*initdb, folder / "data"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **self._account)

    def start(self) -> None:
        options = [word for setting in SETTINGS for word in ("-c", setting)]
        command = [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *options]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(command, stderr=log, cwd=self._folder, **self._account)
        wait_until_ready(self.url)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None


@pytest.fixture
def database() -> Iterator[Database]:
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed: pip install 'psycopg[binary]'")
    programs = installed_programs()
    if programs is None:
        pytest.skip("no PostgreSQL to stop: install Debian's postgresql")
    folder = Path(tempfile.mkdtemp(prefix="orchat-pg-"))
    database = Database(programs, folder)
    database.start()
    yield database
    database.stop()
    shutil.rmtree(folder)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=1) as demo:
        yield demo


@pytest.fixture
def environment(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ORCHAT_BIND", "127.0.0.1")
    monkeypatch.setenv("ORCHAT_SANDBOX", "off")
    monkeypatch.setenv("ORCHAT_TITLE_MODEL", "none")
    return monkeypatch


@contextmanager
def running() -> Iterator[Services]:
    services = Services(Settings.load())
    try:
        yield services
    finally:
        services.close()


def asked(services: Services, model: str = "demo/fast", words: str = "Explain rainbows") -> Run:
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, words, None)
    return services.ask(OWNER, question, Ask(model), services.connection())


def until(condition: Callable[[], object], seconds: float = 40) -> None:
    waiting.until(condition, seconds)


def said(run: Run) -> str:
    return "".join(event.text for event in list(run.events) if isinstance(event, TextDelta))
