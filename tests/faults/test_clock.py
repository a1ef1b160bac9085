"""The clock jumps: nothing is deleted that is not old, nobody waits for ever, and an answer on its way stays one."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from orchat import chats
from orchat.clock import Trust, since_the_machine_started
from orchat.fair_queue import FairQueue
from orchat.services import Services
from orchat.settings import Settings
from orchat.store.retention import HELD_FOR
from orchat.turn import Ask
from tests.faults.aftermath import assert_nothing_lost_or_doubled, seen
from tests.waiting import until

OWNER = "ann"


class Time:
    """The time of a machine, of which somebody sets the clock."""

    def __init__(self) -> None:
        self.set_forward = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.set_forward

    def wall(self) -> float:
        return time.time() + self.set_forward.total_seconds()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def services(clock: Time, environment: pytest.MonkeyPatch) -> Iterator[Services]:
    environment.setenv("ORCHAT_RETENTION_DAYS", "30")
    # Its first round would meet the clock in the middle of being set.
    environment.setattr("orchat.services.keep_up", lambda _: asyncio.sleep(0))
    services = Services(Settings.load())
    services.store._now = clock.now
    services._clock = Trust(clock.wall)
    yield services
    services.close()


def test_a_clock_that_is_suddenly_a_year_ahead_deletes_nothing(services: Services, clock: Time):
    kept, deleted = (services.store.create_conversation(OWNER).id for _ in range(2))
    services.store.delete(OWNER, deleted)
    clock.set_forward = timedelta(days=365)
    services._purge()
    assert services.store.conversation(OWNER, kept)
    assert services.store.restore(OWNER, deleted)
    clock.set_forward = timedelta(0)
    services._purge()
    assert services.store.conversation(OWNER, kept)


def test_what_is_old_by_a_clock_that_nobody_set_goes_once_it_could_be_looked_at_for_a_day(
    services: Services, clock: Time, caplog: pytest.LogCaptureFixture
):
    clock.set_forward = timedelta(days=-31)
    old = services.store.create_conversation(OWNER)
    clock.set_forward = timedelta(0)
    services._purge()
    services._purge()
    assert services.store.conversations(OWNER) == [old]
    [told] = [record.message for record in caplog.records if "deleted for good" in record.message]
    assert told.startswith("1 chats have had no message for ORCHAT_RETENTION_DAYS=30 days.")
    a_day_later(services, clock)
    services._purge()
    assert services.store.conversations(OWNER) == []


def a_day_later(services: Services, clock: Time) -> None:
    """Let a day go by: nobody sets the clock."""
    clock.set_forward += HELD_FOR
    services._clock = Trust(clock.wall)


def test_a_clock_that_is_a_year_ahead_when_orchat_starts_deletes_nothing_before_it_can_be_put_right(
    services: Services, clock: Time, caplog: pytest.LogCaptureFixture
):
    services._purge()
    a_day_later(services, clock)
    services._purge()
    kept = services.store.create_conversation(OWNER)
    clock.set_forward += timedelta(days=365)
    services._clock = Trust(clock.wall)
    services._purge()
    assert services.store.conversations(OWNER) == [kept]
    assert "The clock is 365 days ahead of when orchat last ran." in caplog.text
    clock.set_forward -= timedelta(days=365)
    services._purge()
    a_day_later(services, clock)
    services._purge()
    assert services.store.conversations(OWNER) == [kept]


@pytest.mark.parametrize("jump", [timedelta(days=2), timedelta(days=-2)], ids=["forward", "back"])
def test_an_answer_on_its_way_goes_on_and_is_kept_whole(services: Services, clock: Time, jump: timedelta):
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "Explain rainbows", None)
    run = services.ask(OWNER, question, Ask("demo/fast"), services.connection())
    until(lambda: len(run.events) > 3)
    clock.set_forward = jump
    services.store.recover(chats.STALE_AFTER)
    assert services.chats.branch(OWNER, chat)[-1].state in ("streaming", "cut_off", "done")
    assert run.finished.wait(40)
    assert [message.state for message in services.chats.branch(OWNER, chat)] == ["done", "done"]
    run.settled.wait(20)
    [call] = services.store.calls_of(OWNER, chat)
    assert (call.state, call.reserved) == ("done", None)
    services.chats.say(OWNER, chat, "And then?", run.turn.message_id)
    branch = services.chats.branch(OWNER, chat)
    assert [message.role for message in branch] == ["user", "assistant", "user"]
    assert_nothing_lost_or_doubled(services.store, seen(OWNER, *branch))


async def test_nobody_in_the_queue_waits_for_a_clock(monkeypatch: pytest.MonkeyPatch):
    queue, order = FairQueue(1, 1), []

    async def work(name: str) -> None:
        async with queue.slot(name, lambda before: None):
            order.append(name)
            await asyncio.sleep(0.05)

    tasks = [asyncio.ensure_future(work(name)) for name in ("ann", "bob", "cleo")]
    await asyncio.sleep(0)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    await asyncio.wait_for(asyncio.gather(*tasks), 5)
    assert order == ["ann", "bob", "cleo"]


def test_a_clock_is_believed_that_sleeps_and_is_put_right_and_not_one_that_leaps():
    wall, steady = 1_000_000.0, 50.0
    trust = Trust(lambda: wall, lambda: steady)
    wall, steady = wall + 86_400 * 14, steady + 86_400 * 14
    assert trust.holds(), "the machine has slept for two weeks"
    wall -= 86_400 * 30
    assert trust.holds(), "set back: nothing gets older by that"
    wall += 86_400 * 31
    assert not trust.holds()
    wall -= 86_400
    assert trust.holds()


def test_the_steady_clock_goes():
    before = since_the_machine_started()
    time.sleep(0.01)
    assert since_the_machine_started() - before >= 0.009
