"""Runs are counted under a lock that is of nothing else, and no replica waits for another one that has it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from orchat.budgets import read_budgets
from orchat.store import Store
from orchat.store.locks import Lock, take
from orchat.store.shared_runs import SharedRuns

LEASE = timedelta(seconds=15)
MINE = {"run": "ann"}


@pytest.fixture
def url(url: str) -> str:
    """Of a database in which a test ends that waits for a lock."""
    return f"{url}%20-clock_timeout%3D500"


@pytest.fixture
def shared(open_store: Callable[[], Store]) -> SharedRuns:
    """Shared runs with one of this replica's, which waits."""
    shared = SharedRuns.beside(open_store())
    shared.beat("here")
    shared.name("run", "here", "ann", "chat", "answer", admitted=False)
    return shared


def test_whether_runs_may_begin_is_seen_while_a_budget_is_looked_at(
    shared: SharedRuns, open_store: Callable[[], Store]
):
    store = open_store()
    store.standing = read_budgets("total: 5")
    with store._writing() as connection:
        store._reserve(connection, store.open_call("ann", kind="chat"), None)
        assert shared.admit(MINE, 2, 1, LEASE) == ["run"]


def test_a_replica_that_hangs_while_it_counts_holds_up_no_other(shared: SharedRuns, open_store: Callable[[], Store]):
    there = SharedRuns.beside(open_store())
    with there._writing() as connection:
        take(connection, Lock.ADMISSION)
        assert shared.admit(MINE, 2, 1, LEASE) is None
    assert shared.admit(MINE, 2, 1, LEASE) == ["run"]


def test_a_run_that_has_ended_meanwhile_does_not_begin(shared: SharedRuns):
    shared.end("run", "stopped", settled=False)
    assert shared.admit(MINE, 2, 1, LEASE) == []
    [run] = shared.look(["run"])
    assert run.state == "stopped"


def test_a_run_that_is_named_by_two_threads_counts_still_when_the_slower_one_is_done(shared: SharedRuns):
    assert shared.admit(MINE, 1, 1, LEASE) == ["run"]
    shared.name("run", "here", "ann", "chat", "answer", admitted=False)
    shared.name("other", "here", "ann", "other chat", "other answer", admitted=False)
    assert shared.admit({"other": "ann"}, 1, 1, LEASE) == []
