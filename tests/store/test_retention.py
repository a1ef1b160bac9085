"""What is due because of its age is kept for a day, to be looked at, where the limit is new or the clock in doubt."""

from datetime import timedelta

import pytest

from orchat.store import Store
from orchat.store.retention import FAR, HELD_FOR
from tests.store.clock import Clock


@pytest.fixture
def acting(store: Store, clock: Clock) -> Store:
    """A store in which chats may be 30 days old, and that has deleted some."""
    store.look_at_retention(30)
    clock.advance(HELD_FOR)
    assert store.look_at_retention(30) is None
    return store


def test_a_new_limit_is_held_for_a_day_whatever_is_started_meanwhile(store: Store, clock: Clock):
    first = store.look_at_retention(30)
    assert first is not None
    assert first.begins
    assert HELD_FOR - timedelta(minutes=1) < first.until - clock.time <= HELD_FOR
    for _ in range(3):
        clock.advance(timedelta(hours=7))
        again = store.look_at_retention(30)
        assert again is not None
        assert (again.until, again.begins) == (first.until, False)
    clock.advance(timedelta(hours=3))
    assert store.look_at_retention(30) is None


@pytest.mark.parametrize("days, held", [(29, True), (30, False), (31, False)])
def test_only_a_smaller_one_is_held_again(acting: Store, days: int, held: bool):
    assert (acting.look_at_retention(days) is not None) == held


def test_what_was_raised_and_lowered_again_is_held_again(acting: Store):
    assert acting.look_at_retention(90) is None
    assert acting.look_at_retention(30) is not None


def test_what_was_switched_off_and_on_again_is_held_again(acting: Store):
    assert acting.look_at_retention(0) is None
    assert acting.look_at_retention(30) is not None


def test_a_clock_that_is_far_ahead_of_the_last_look_is_not_believed_at_once(acting: Store, clock: Clock):
    clock.advance(timedelta(days=365))
    held = acting.look_at_retention(30)
    assert held is not None
    assert held.begins
    assert held.ahead > timedelta(days=364)
    clock.advance(timedelta(days=-365))
    put_right = acting.look_at_retention(30)
    assert put_right is not None
    assert put_right.until - clock.time <= HELD_FOR


def test_a_machine_that_was_off_for_some_days_goes_on(acting: Store, clock: Clock):
    clock.advance(FAR - timedelta(hours=1))
    assert acting.look_at_retention(30) is None


def test_who_only_asks_changes_nothing(store: Store, clock: Clock):
    asked = store.retention_hold(30)
    clock.advance(timedelta(hours=5))
    assert asked is not None
    begun = store.look_at_retention(30)
    assert begun is not None
    assert begun.until > asked.until
    assert store.retention_hold(0) is None
    seen = store.retention_hold(30)
    assert seen is not None
    assert seen.until == begun.until
