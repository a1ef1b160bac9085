"""`kill -9` at random moments under load: what was acknowledged is there, once, and the database is sound.

All of it with SQLite, and with PostgreSQL where there is a server or one can be started.
"""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from orchat.demo import DemoServer
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Message, Store
from tests.faults.aftermath import Acknowledged, assert_nothing_lost_or_doubled
from tests.faults.talkers import OWNERS
from tests.store.conftest import fresh_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=20) as demo:
        yield demo


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of an empty database, which every process here uses."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ORCHAT_TITLE_MODEL", "none")
    if request.param == "sqlite":
        yield Settings.load().store_url
        return
    for url in fresh_schema(request.getfixturevalue("postgresql")):
        monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
        yield url


def talk_and_kill(chance: random.Random) -> list[Acknowledged]:
    """Let a process talk, kill it at a random moment after its first word, and return what it has acknowledged."""
    command = [sys.executable, "-m", "tests.faults.talkers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        first = process.stdout.readline()
        time.sleep(chance.random() * 4)
        process.kill()
        # The last line may be cut off; whoever reads it has not been told.
        lines = (first + process.stdout.read()).split("\n")[:-1]
    return [told(*line.split()) for line in lines]


def told(what: str, owner: str, chat: str, message: str) -> Acknowledged:
    """What a line of a talker's means."""
    role, state = ("user", "done") if what == "asked" else ("assistant", what)
    return Acknowledged(owner, chat, message, role, state)


def of(owner: str, store: Store) -> list[Message]:
    chats = store.conversations(owner, limit=100_000)
    return [message for chat in chats for message in store.all_messages(owner, chat.id)]


def check_nothing_is_open(store: Store) -> None:
    """No answer that streams for ever, and books that are closed."""
    for owner in OWNERS:
        messages = of(owner, store)
        states = {message.state: message.error for message in messages}
        assert states.keys() <= {"done", "cut_off"}, [m.error for m in messages if m.error]
    with store._engine.connect() as connection:
        left = "SELECT count(*) FROM calls WHERE state = 'open' OR reserved IS NOT NULL"
        assert connection.execute(text(left)).scalar() == 0


def cut_off_what_streams(store: Store) -> None:
    """Wait until nothing is on its way: replicas that share a database give each other some time to be heard again."""
    deadline = time.monotonic() + 60
    while any(message.state == "streaming" for owner in OWNERS for message in of(owner, store)):
        assert time.monotonic() < deadline, "what was killed streams for ever"
        store.recover(timedelta(0))
        time.sleep(0.5)


def kill(url: str, *, times: int, seed: int) -> None:
    chance, acknowledged = random.Random(seed), list[Acknowledged]()
    for number in range(1, times + 1):
        acknowledged += talk_and_kill(chance)
        with Store.open(url) as store:
            assert_nothing_lost_or_doubled(store, acknowledged)
        if number % 10 == 0:
            sys.stderr.write(f"{number} kills: {dict(Counter((one.role, one.state) for one in acknowledged))}\n")
    services = Services(Settings.load())
    try:
        cut_off_what_streams(services.store)
        for _ in range(1 + times):
            services.runs.submit(services.settle_leftovers()).result(60)
        assert_nothing_lost_or_doubled(services.store, acknowledged)
    finally:
        services.close()
    with Store.open(url, now=lambda: datetime.now(UTC) + timedelta(days=2)) as later:
        later.close_abandoned_calls()
        check_nothing_is_open(later)
    states = Counter((one.role, one.state) for one in acknowledged)
    assert states["user", "done"] > states["assistant", "done"] > times


def test_a_few_kills_under_load_lose_and_double_nothing(url: str):
    kill(url, times=4, seed=4)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_kills_under_load_lose_and_double_nothing(url: str):
    kill(url, times=100, seed=100)
