"""So many answers at once, in all replicas together and for each person; a replica that has died counts no longer."""

from collections.abc import Iterator

import pytest

from orchat.events import Queued, TextDelta
from orchat.runs import Run
from orchat.services import Services
from orchat.settings import Settings
from orchat.turn import Ask
from tests.relay.replica import OWNER
from tests.relay.test_two_processes import CUT_OFF_WITHIN, answering, until


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHAT_RUNS_AT_ONCE", "2")
    monkeypatch.setenv("ORCHAT_RUNS_EACH", "1")
    monkeypatch.setenv("ORCHAT_TITLE_MODEL", "none")


@pytest.fixture
def there(here: Services) -> Iterator[Services]:
    """Another replica on the same database."""
    services = Services(Settings.load())
    yield services
    services.close()


def ask(services: Services, owner: str, model: str) -> Run:
    chat = services.store.create_conversation(owner).id
    question = services.chats.say(owner, chat, "Go on", None)
    return services.ask(owner, question, Ask(model), services.connection())


def begun(run: Run) -> bool:
    return any(isinstance(event, TextDelta) for event in run.events)


def waits(run: Run) -> bool:
    return any(isinstance(event, Queued) for event in run.events)


def test_what_one_person_may_have_at_once_is_counted_in_all_replicas(here: Services, there: Services):
    first = ask(here, "ann", "demo/long")
    until(lambda: begun(first))
    second = ask(there, "ann", "demo/fast")
    until(lambda: waits(second))
    other = ask(there, "bob", "demo/fast")
    assert other.settled.wait(20)
    assert (other.state, begun(second), second.active) == ("done", False, True)
    # Whoever may begin is not told that they wait.
    assert not waits(first)
    assert not waits(other)
    first.stop()
    assert second.settled.wait(20)
    assert second.state == "done"


def test_what_all_may_have_at_once_is_counted_in_all_replicas(here: Services, there: Services):
    running = [ask(here, "ann", "demo/long"), ask(there, "bob", "demo/long")]
    until(lambda: all(map(begun, running)))
    waiting = [ask(here, "cleo", "demo/fast"), ask(there, "dan", "demo/fast")]
    until(lambda: all(map(waits, waiting)))
    assert not any(map(begun, waiting))
    running[0].stop()
    for run in waiting:
        assert run.settled.wait(20)
        assert run.state == "done"
    assert running[1].active
    running[1].stop()


def test_who_waits_for_other_replicas_can_stop(here: Services, there: Services):
    first = ask(here, "ann", "demo/long")
    until(lambda: begun(first))
    second = ask(there, "ann", "demo/fast")
    until(lambda: waits(second))
    second.stop()
    assert second.settled.wait(20)
    assert second.state == "stopped"
    first.stop()
    assert first.settled.wait(20)
    third = ask(there, "ann", "demo/fast")
    assert third.settled.wait(20)
    assert third.state == "done"


def test_a_replica_that_was_killed_counts_no_longer(here: Services):
    chat = here.store.create_conversation(OWNER).id
    with answering(chat) as process:
        mine = ask(here, OWNER, "demo/fast")
        until(lambda: waits(mine))
        process.kill()
        process.wait()
        until(lambda: begun(mine), CUT_OFF_WITHIN)
    assert mine.settled.wait(20)
    assert mine.state == "done"
