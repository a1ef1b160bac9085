"""The sum over all requests is what OpenRouter billed, whatever became of them: to the cent, none twice, none lost."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchat.demo import DemoServer
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Call, Store
from orchat.temporary import is_temporary
from tests.ledger.talker import AT_ONCE, OWNERS

ROOT = Path(__file__).parents[2]
TOLERANCE = Decimal("1e-9")
ASKS_FIRST = '''
from langchain_core.tools import tool

@tool
def book() -> str:
    """Book a table."""
    return "Booked."
'''


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=20, credits=1000.0) as server:
        yield server


@pytest.fixture
def settings(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ORCHAT_LOG_LEVEL", "ERROR")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "book.py").write_text(ASKS_FIRST)
    monkeypatch.setenv("ORCHAT_TOOLS_DIR", str(tmp_path / "tools"))
    # One person is stopped by theirs now and then, and the other's money and everybody's last.
    monkeypatch.setenv("ORCHAT_BUDGET", "total: 100/month, user: 50/day, chat: 5")
    return Settings.load()


def talk(seed: int, turns: int, ends_after: int | None = None, by: int = signal.SIGKILL) -> Counter[str]:
    """Let a process talk, and end it when so many answers are there; returns how many were settled or refused."""
    command = [sys.executable, "-m", "tests.ledger.talker", str(seed), str(turns)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - the environment of the process
    told: Counter[str] = Counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        overdue = threading.Timer(600, process.kill)
        overdue.start()
        for line in process.stdout:
            told[line.decode().strip()] += 1
            if told.total() == ends_after:
                process.send_signal(by)
        overdue.cancel()
    assert process.returncode in (0, -signal.SIGKILL)
    return told


def settle(settings: Settings) -> list[Call]:
    """Start once more, look up what is left, and return the whole ledger."""
    services = Services(settings)
    try:
        for _ in range(20):
            if services.store.unsettled_calls():
                services.runs.submit(services.settle_leftovers()).result(300)
        assert services.store.unsettled_calls() == []
        return everything(services.store)
    finally:
        services.close()


def everything(store: Store) -> list[Call]:
    with store._reading() as connection:
        chats = {chat for (chat,) in connection.exec_driver_sql("SELECT DISTINCT conversation_id FROM calls")}
    return [call for owner in OWNERS for chat in chats for call in store.calls_of(owner, chat)]


def billed(record: dict[str, Any]) -> Decimal:
    """What a generation cost in all: OpenRouter's part, and with an own key the provider's."""
    return Decimal(str(record["total_cost"])) + Decimal(str(record["upstream_inference_cost"] or 0))


def reconcile(demo: DemoServer, calls: list[Call], kills: int) -> None:
    account = demo._state.account
    records = {record["id"]: record for record in account.generations}
    ids = Counter(call.generation_id for call in calls if call.generation_id)
    assert max(ids.values()) == 1
    for call in calls:
        if call.generation_id in records:
            record = records[call.generation_id]
            assert call.cost == pytest.approx(billed(record), abs=TOLERANCE), call
            assert call.charged == pytest.approx(Decimal(str(record["total_cost"])), abs=TOLERANCE), call
        else:
            assert not call.cost, call
    # A process that is killed between sending and the first byte of the answer cannot know under which id to ask. Such
    # requests are few, and counted as unknown.
    lost = [record for generation_id, record in records.items() if generation_id not in ids and billed(record)]
    unknown = [call for call in calls if call.unknown and not call.generation_id]
    assert len(lost) <= len([call for call in unknown if call.state in ("open", "cut_off")]) <= kills * AT_ONCE
    known = sum((call.cost for call in calls if call.cost), Decimal(0))
    in_all = Decimal(str(account.used)) + Decimal(str(account.used_elsewhere))
    assert abs(known + sum(map(billed, lost)) - in_all) < TOLERANCE * len(records)
    assert known > 0


def check_random_talk(demo: DemoServer, settings: Settings, turns: int, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    for number in range(kills):
        for by in (signal.SIGKILL, signal.SIGTERM):
            told += talk(seed + number + by, turns, chance.randint(1, max(1, turns // (2 * kills + 1))), by)
    told += talk(seed + kills, max(10, turns - told.total()))
    assert told["refused"] > 0
    calls = settle(settings)
    assert len(calls) >= turns - told["refused"]
    reconcile(demo, calls, kills)
    states = {call.state for call in calls}
    assert states >= {"done", "stopped", "failed", "refused"}
    assert any(call.own_key for call in calls)
    assert {call.kind for call in calls} == {"chat", "agent", "title"}
    assert any(is_temporary(call.conversation_id) for call in calls)
    assert max(Counter(call.conversation_id for call in calls if call.kind == "agent").values()) > 1
    messages_agree(settings, calls)
    pages_agree(settings, calls)
    budgets_held(settings, calls)


def budgets_held(settings: Settings, calls: list[Call]) -> None:
    """No chat has spent more than its budget; nothing stays reserved."""
    with Store.open(settings.store_url, now=lambda: datetime.now(UTC) + timedelta(days=2)) as store:
        store.close_abandoned_calls()
        for owner, chat in {(call.owner, call.conversation_id) for call in calls}:
            assert chat is not None
            for state in store.budget_states(owner, chat):
                assert state.reserved == 0
                of_it = [call for call in calls if call.conversation_id == chat]
                # An answer whose price nobody knew beforehand may cost more than was left.
                guessed = [call for call in of_it if call.model_asked == "openrouter/auto"]
                assert guessed or state.spent <= state.budget.amount, state


def pages_agree(settings: Settings, calls: list[Call]) -> None:
    """What the usage page adds up by person, day, model and chat is the same amount each time."""
    today = datetime.now(UTC).date()
    days = (today - timedelta(days=1), today)
    in_all = sum((call.cost or Decimal(0) for call in calls), Decimal(0))
    with Store.open(settings.store_url) as store:
        assert sum(spent.cost for spent in store.spending(None, *days)) == in_all
        assert sum(call.cost or 0 for call in store.every_call(None, *days)) == in_all
        for owner in OWNERS:
            own = sum((call.cost or Decimal(0) for call in calls if call.owner == owner), Decimal(0))
            spending = store.spending(owner, *days)
            assert sum(spent.cost for spent in spending) == own
            by_model = Counter({call.model_answered or call.model_asked: Decimal(0) for call in calls})
            for spent in spending:
                by_model[spent.model] += spent.cost
            assert sum(by_model.values()) == own
            assert sum(chat.cost for chat in store.spending_by_chat(owner, *days, limit=len(calls))) == own


def messages_agree(settings: Settings, calls: list[Call]) -> None:
    # Of temporary chats there are the entries alone.
    calls = [call for call in calls if not is_temporary(call.conversation_id)]
    with Store.open(settings.store_url) as store:
        for call in calls:
            if call.message_id and call.conversation_id:
                message = store.message(call.owner, call.message_id)
                assert (message.cost or 0) == pytest.approx(call.cost or 0, abs=TOLERANCE), call
        copied, answers = 0, [call for call in calls if call.kind in ("chat", "agent") and call.conversation_id]
        for owner, chat in {(call.owner, str(call.conversation_id)) for call in answers}:
            paid = sum(call.cost or 0 for call in answers if call.conversation_id == chat)
            messages = store.all_messages(owner, chat)
            shown = sum(message.cost or 0 for message in messages if not message.copied_from)
            assert shown == pytest.approx(paid, abs=TOLERANCE), chat
            copies = [message for message in messages if message.copied_from]
            for copy in copies:
                assert copy.cost == store.message(owner, str(copy.copied_from)).cost, copy
            copied += len(copies)
    assert copied


def test_some_random_turns_with_a_kill_add_up_to_what_was_billed(demo: DemoServer, settings: Settings):
    check_random_talk(demo, settings, turns=60, kills=1, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_thousand_random_turns_with_kills_add_up_to_what_was_billed(demo: DemoServer, settings: Settings):
    check_random_talk(demo, settings, turns=1000, kills=10, seed=100)
