"""Two replicas, as two relays on one PostgreSQL: each finds, follows and stops what the other runs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from orchat.errors import NotFoundError, OrchatError, RunInProgressError
from orchat.events import Event, TextDelta
from orchat.relay import relay as relay_module
from orchat.relay.relay import Relay
from orchat.runs import Run, Runs, State
from orchat.store import Store
from orchat.store.shared_runs import SharedRuns
from orchat.store.shared_tables import replicas, run_events, shared_runs
from tests.waiting import until

OWNER = "ann"


class Talk:
    """A turn in a chat of the store: says numbers until it has said enough, or for ever."""

    def __init__(self, store: Store, conversation_id: str, words: int | None = 20, pause: float = 0.01) -> None:
        self.owner, self.conversation_id = OWNER, conversation_id
        self._store, self._words, self._pause = store, words, pause
        self._message = store.add_message(
            OWNER, conversation_id, role="assistant", wire={"content": ""}, parent_id=None, state="streaming"
        )
        self.message_id = self._message.id

    async def events(self) -> AsyncGenerator[Event]:
        number = 0
        while self._words is None or number < self._words:
            await asyncio.sleep(self._pause)
            yield TextDelta(f"{number} ")
            number += 1

    def save(self, state: State, error: OrchatError | None) -> None:
        from dataclasses import replace

        self._store.save_message(OWNER, replace(self._message, state=state))

    async def settle(self) -> None:
        await asyncio.sleep(0.05)


class Replica:
    """A store, runs and a relay, as a process has them."""

    def __init__(self, store: Store) -> None:
        self.store, self.runs, self.relay = store, Runs(save_every=60), Relay(store)
        self.runs.elsewhere = self.relay

    def chat(self) -> str:
        return self.store.create_conversation(OWNER).id

    def start(self, chat: str, words: int | None = 20, pause: float = 0.01) -> Run:
        with self.relay.claimed(OWNER, chat):
            return self.runs.start(Talk(self.store, chat, words, pause))

    def find(self, chat: str) -> Run:
        """Wait until this replica knows of another one's run."""
        until(lambda: self.relay.together(OWNER, chat))
        return self.relay.together(OWNER, chat)[-1]

    def freeze(self) -> None:
        """Stop hearing and saying anything, as a process does that is killed."""
        self.relay._closing.set()
        self.relay._thread.join()

    def close(self) -> None:
        self.runs.close()
        self.relay.close()


@pytest.fixture
def make(open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Replica]]:
    monkeypatch.setattr(relay_module, "BEAT", 0.2)
    made: list[Replica] = []

    def make() -> Replica:
        made.append(Replica(open_store()))
        return made[-1]

    yield make
    for replica in made:
        replica.close()


@pytest.fixture
def a(make: Callable[[], Replica]) -> Replica:
    return make()


@pytest.fixture
def b(make: Callable[[], Replica]) -> Replica:
    return make()


def said(run: Run) -> str:
    return "".join(event.text for batch in run.follow() for event in batch if isinstance(event, TextDelta))


def numbers(count: int) -> str:
    return "".join(f"{number} " for number in range(count))


def rows(store: Store, table: object = shared_runs) -> int:
    with store._engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_run_is_followed_elsewhere_from_its_beginning_to_its_end(a: Replica, b: Replica):
    chat = a.chat()
    mine = a.start(chat, words=100)
    until(lambda: len(mine.events) > 30)
    there = b.find(chat)
    assert there.active
    assert said(there) == numbers(100) == said(mine)
    assert (there.state, there.turn.message_id) == ("done", mine.turn.message_id)
    until(there.settled.is_set)


def test_it_comes_while_it_happens_and_not_at_the_end(a: Replica, b: Replica):
    chat = a.chat()
    a.start(chat, words=None)
    batches = b.find(chat).follow()
    seen = 0
    while seen < 30:
        seen += len(next(batches))
    assert a.runs.is_active(OWNER, chat)


def test_followers_in_two_other_replicas_see_the_same_wherever_they_begin(
    a: Replica, b: Replica, make: Callable[[], Replica]
):
    c, chat = make(), a.chat()
    a.start(chat, words=150)
    first = b.find(chat).follow()
    while not next(first):
        pass
    assert said(c.find(chat)) == numbers(150)
    assert said(b.find(chat)) == numbers(150)


def test_what_nobody_follows_elsewhere_is_written_nowhere(a: Replica, b: Replica):
    chat = a.chat()
    run = a.start(chat, words=30)
    b.find(chat)
    run.settled.wait(10)
    assert rows(a.store, run_events) == 0
    until(lambda: rows(a.store) == 0)


def test_what_was_followed_is_forgotten_a_moment_after_its_end(a: Replica, b: Replica, monkeypatch: pytest.MonkeyPatch):
    chat = a.chat()
    a.start(chat)
    assert said(b.find(chat)) == numbers(20)
    assert rows(a.store, run_events) > 0
    monkeypatch.setattr(relay_module, "KEPT", timedelta(0))
    until(lambda: rows(a.store) == rows(a.store, run_events) == 0)


def test_a_run_is_stopped_from_elsewhere(a: Replica, b: Replica):
    chat = a.chat()
    mine = a.start(chat, words=None)
    there = b.find(chat)
    follower = there.follow()
    while not next(follower):
        pass
    there.stop()
    assert mine.finished.wait(5)
    assert mine.state == "stopped"
    until(lambda: not there.active)
    assert there.state == "stopped"


def test_cve_2026_31950_a_run_elsewhere_is_found_and_stopped_by_its_owner_only(a: Replica, b: Replica):
    chat = a.chat()
    mine = a.start(chat, words=None)
    there = b.find(chat)
    for owner in ("eve", "", OWNER.upper()):
        for known in (chat, mine.turn.message_id, there.id):
            assert b.runs.find(owner, known) is None
            assert b.runs.together(owner, known) == ()
            assert not b.runs.is_active(owner, known)
        b.relay.stop_all_of(owner)
    # What asks last is done last: all the others were heard before.
    other = a.start(a.chat(), words=None)
    b.find(other.turn.conversation_id).stop()
    assert other.finished.wait(5)
    assert mine.active
    assert not mine.stop_requested


def test_all_of_one_person_is_stopped_everywhere(a: Replica, b: Replica):
    mine = [a.start(a.chat(), words=None) for _ in range(2)]
    b.relay.stop_all_of("somebody else")
    b.relay.stop_all_of(OWNER)
    for run in mine:
        assert run.finished.wait(5)


def test_a_chat_is_answered_by_one_replica_at_a_time(a: Replica, b: Replica):
    chat = a.chat()
    mine = a.start(chat, words=None)
    with pytest.raises(RunInProgressError):
        b.start(chat)
    there = b.find(chat)
    mine.stop()
    until(lambda: not there.active)
    b.start(chat).finished.wait(5)


def test_several_answers_to_one_question_are_followed_together(a: Replica, b: Replica):
    chat = a.chat()
    with a.relay.claimed(OWNER, chat):
        mine = a.runs.start_together([Talk(a.store, chat, words) for words in (50, 80)])
    until(lambda: len(b.runs.together(OWNER, chat)) == 2)
    there = {run.turn.message_id: run for run in b.runs.together(OWNER, chat)}
    assert [said(there[run.turn.message_id]) for run in mine] == [numbers(50), numbers(80)]
    until(lambda: not b.runs.is_active(OWNER, chat))


def test_of_two_that_begin_at_once_one_is_refused(a: Replica, b: Replica):
    import threading

    for _ in range(10):
        chat, started, refused = a.chat(), [], []
        gate = threading.Barrier(2)

        def begin(replica: Replica, chat: str, started: list[Run], refused: list[str], gate: threading.Barrier) -> None:
            gate.wait()
            try:
                started.append(replica.start(chat, words=None))
            except RunInProgressError:
                refused.append(replica.relay.replica)

        threads = [threading.Thread(target=begin, args=(replica, chat, started, refused, gate)) for replica in (a, b)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(started), len(refused)) == (1, 1)
        assert len(a.store.all_messages(OWNER, chat)) == 1
        started[0].stop()


def test_a_foreign_chat_is_not_found_and_what_fails_to_begin_takes_no_chat(a: Replica, b: Replica):
    chat = a.chat()
    with pytest.raises(NotFoundError), a.relay.claimed("eve", chat):
        pass
    with pytest.raises(ZeroDivisionError), a.relay.claimed(OWNER, chat):
        raise ZeroDivisionError
    b.start(chat).finished.wait(5)
    assert not b.relay.together("eve", chat)


def test_what_a_killed_replica_wrote_is_cut_off_and_its_chat_is_free(
    a: Replica, b: Replica, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relay_module, "LEASE", timedelta(seconds=1))
    chat = a.chat()
    lost = a.start(chat, words=None)
    there = b.find(chat)
    follower = there.follow()
    while not next(follower):
        pass
    a.freeze()
    until(lambda: not there.active)
    assert [message.state for message in b.store.branch(OWNER, chat)] == ["cut_off"]
    assert there.settled.is_set()
    b.start(chat).finished.wait(5)
    lost.stop()
    a.relay._shared.leave(a.relay.replica)


def test_a_replica_that_was_only_slow_goes_on_with_its_runs(a: Replica, b: Replica, monkeypatch: pytest.MonkeyPatch):
    chat = a.chat()
    mine = a.start(chat, words=None)
    with a.store._engine.begin() as connection:
        connection.execute(update(replicas).values(heard_at=func.now() - text("interval '1 hour'")))
    SharedRuns.beside(b.store).bury(timedelta(seconds=1))
    until(lambda: rows(a.store) == 1)
    assert mine.active
    with pytest.raises(RunInProgressError):
        b.start(chat)


def test_one_that_comes_back_when_its_chat_is_answered_elsewhere_stops(a: Replica, b: Replica):
    chat = a.chat()
    mine = a.start(chat, words=None)
    with a.store._engine.begin() as connection:
        # As if it had been away for so long that the others have buried it and one of them has begun.
        connection.execute(update(shared_runs).values(id="theirs", replica=b.relay.replica))
    assert mine.finished.wait(10)
    assert mine.state == "stopped"


def test_a_live_run_is_never_taken_for_abandoned(a: Replica, b: Replica):
    chat = a.chat()
    mine = a.start(chat, words=None)
    assert b.store.recover(timedelta(seconds=-60)) == 0
    assert b.store.cut_off(OWNER, mine.turn.message_id).state == "streaming"


def test_after_a_lost_connection_everything_goes_on(a: Replica, b: Replica):
    chat = a.chat()
    a.start(chat, words=150, pause=0.02)
    follower = b.find(chat).follow()
    while not next(follower):
        pass
    with a.store._engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        assert len(connection.execute(text(query)).all()) >= 2
    assert said(b.find(chat)) == numbers(150)


def test_events_that_a_crashed_postgresql_has_lost_are_written_anew(
    a: Replica, b: Replica, make: Callable[[], Replica]
):
    chat = a.chat()
    a.start(chat, words=200, pause=0.02)
    follower = b.find(chat).follow()
    while not next(follower):
        pass
    with a.store._engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        # What PostgreSQL does with an unlogged table when it starts after a crash, and what that does to connections.
        connection.execute(text("TRUNCATE run_events"))
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
    assert said(make().find(chat)) == numbers(200)
    assert said(b.find(chat)) == numbers(200)


def test_one_that_ends_is_known_to_have_ended_at_once(a: Replica, b: Replica):
    chat = a.chat()
    a.start(chat, words=None)
    there = b.find(chat)
    a.close()
    until(lambda: not there.active, 5)
    assert rows(b.store) == 0
    assert rows(b.store, replicas) == 1
