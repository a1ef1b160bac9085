"""`kill -9` at random moments under load: what was acknowledged is there, once, and the database is sound."""

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
from tests.faults.talkers import OWNERS

ROOT = Path(__file__).parents[2]
Acknowledged = list[tuple[str, str, str, str]]
"""What was said to have happened (asked, done …), the owner, the chat and the message."""


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=20) as demo:
        yield demo


@pytest.fixture
def folder(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ORCHAT_TITLE_MODEL", "none")
    return tmp_path / "data"


def talk_and_kill(chance: random.Random) -> Acknowledged:
    """Let a process talk, kill it at a random moment after its first word, and return what it has acknowledged."""
    command = [sys.executable, "-m", "tests.faults.talkers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        first = process.stdout.readline()
        time.sleep(chance.random() * 4)
        process.kill()
        # The last line may be cut off; whoever reads it has not been told.
        lines = (first + process.stdout.read()).split("\n")[:-1]
    return [(what, owner, chat, message) for what, owner, chat, message in map(str.split, lines)]


def check(store: Store, acknowledged: Acknowledged) -> None:
    with store._engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    for what, owner, chat, message_id in acknowledged:
        message = store.message(owner, message_id)
        assert message.conversation_id == chat
        if what == "asked":
            assert (message.role, message.state) == ("user", "done")
        else:
            assert (message.role, message.state) == ("assistant", what)
            assert what != "done" or message.text


def of(owner: str, store: Store) -> list[Message]:
    chats = store.conversations(owner, limit=100_000)
    return [message for chat in chats for message in store.all_messages(owner, chat.id)]


def check_nothing_is_doubled_or_open(store: Store) -> None:
    """No answer beside another, none that streams for ever, and books that are closed."""
    for owner in OWNERS:
        messages = of(owner, store)
        below = Counter(message.parent_id for message in messages if message.parent_id)
        assert set(below.values()) <= {1}
        states = {message.state: message.error for message in messages}
        assert states.keys() <= {"done", "cut_off"}, [m.error for m in messages if m.error]
    with store._engine.connect() as connection:
        left = "SELECT count(*) FROM calls WHERE state = 'open' OR reserved IS NOT NULL"
        assert connection.execute(text(left)).scalar() == 0


def kill(folder: Path, *, times: int, seed: int) -> None:
    chance, acknowledged = random.Random(seed), Acknowledged()
    for number in range(1, times + 1):
        acknowledged += talk_and_kill(chance)
        with Store.open(f"sqlite:///{folder}/orchat.db") as store:
            check(store, acknowledged[-200:])
        if number % 10 == 0:
            sys.stderr.write(f"{number} kills: {dict(Counter(what for what, *_ in acknowledged))}\n")
    services = Services(Settings.load())
    try:
        services.store.recover(timedelta(0))
        for _ in range(1 + times):
            services.runs.submit(services.settle_leftovers()).result(60)
        check(services.store, acknowledged)
    finally:
        services.close()
    with Store.open(f"sqlite:///{folder}/orchat.db", now=lambda: datetime.now(UTC) + timedelta(days=2)) as later:
        later.close_abandoned_calls()
        check_nothing_is_doubled_or_open(later)
    states = Counter(what for what, *_ in acknowledged)
    assert states["asked"] > states["done"] > times


def test_a_few_kills_under_load_lose_and_double_nothing(folder: Path):
    kill(folder, times=4, seed=4)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_kills_under_load_lose_and_double_nothing(folder: Path):
    kill(folder, times=100, seed=100)
