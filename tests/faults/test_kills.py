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
from tests.faults.talkers import OWNERS
from tests.store.conftest import fresh_schema

ROOT = Path(__file__).parents[2]
Acknowledged = list[tuple[str, str, str, str]]
"""What was said to have happened (asked, done …), the owner, the chat and the message."""


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


def check_sound(store: Store) -> None:
    """What the database itself can find wrong with its tables and indexes: nothing."""
    with store._engine.connect() as connection:
        if store._engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            return
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
        tables = "FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
        checked = f"SELECT count(*), sum((SELECT count(*) FROM verify_heapam(oid))) {tables}"
        found, faults = connection.execute(text(checked)).one()
        assert (found > 0, faults) == (True, 0)
        indexes = "FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam"
        # Raises for an index that lacks a row of its table, or has them in another order.
        every = f"SELECT bt_index_check(indexrelid, true) {indexes} WHERE amname = 'btree' AND indisvalid"
        connection.execute(text(f"{every} AND relnamespace = current_schema()::regnamespace"))


def check(store: Store, acknowledged: Acknowledged) -> None:
    check_sound(store)
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


def cut_off_what_streams(store: Store) -> None:
    """Wait until nothing is on its way: replicas that share a database give each other some time to be heard again."""
    deadline = time.monotonic() + 60
    while any(message.state == "streaming" for owner in OWNERS for message in of(owner, store)):
        assert time.monotonic() < deadline, "what was killed streams for ever"
        store.recover(timedelta(0))
        time.sleep(0.5)


def kill(url: str, *, times: int, seed: int) -> None:
    chance, acknowledged = random.Random(seed), Acknowledged()
    for number in range(1, times + 1):
        acknowledged += talk_and_kill(chance)
        with Store.open(url) as store:
            check(store, acknowledged[-200:])
        if number % 10 == 0:
            sys.stderr.write(f"{number} kills: {dict(Counter(what for what, *_ in acknowledged))}\n")
    services = Services(Settings.load())
    try:
        cut_off_what_streams(services.store)
        for _ in range(1 + times):
            services.runs.submit(services.settle_leftovers()).result(60)
        check(services.store, acknowledged)
    finally:
        services.close()
    with Store.open(url, now=lambda: datetime.now(UTC) + timedelta(days=2)) as later:
        later.close_abandoned_calls()
        check_nothing_is_doubled_or_open(later)
    states = Counter(what for what, *_ in acknowledged)
    assert states["asked"] > states["done"] > times


def test_a_few_kills_under_load_lose_and_double_nothing(url: str):
    kill(url, times=4, seed=4)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_kills_under_load_lose_and_double_nothing(url: str):
    kill(url, times=100, seed=100)
