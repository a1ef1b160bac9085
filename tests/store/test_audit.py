"""Who was not let in, in the audit log: as far as known, and never so often that it fills the disk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from orchat.store import Store
from orchat.store.audit import LONGEST_CALLED, LONGEST_WHO, MOST_REFUSED, OTHERS, REFUSED
from tests.store.clock import Clock


def said(store: Store) -> list[tuple[str, str, int]]:
    """Who, why and how often, oldest first."""
    entries = reversed(store.audited(limit=10_000))
    return [(one.actor, one.details["why"], one.details["times"]) for one in entries if one.action == REFUSED]


def test_who_comes_again_within_the_hour_for_the_same_reason_is_counted_in_one_entry(store: Store, clock: Clock):
    for _ in range(3):
        store.note_refused("id|eve", "not on the list", "eve@example.com")
    store.note_refused("id|eve", "locked out")
    store.note_refused("id|bob", "not on the list")
    assert said(store) == [
        ("id|eve", "not on the list", 3),
        ("id|eve", "locked out", 1),
        ("id|bob", "not on the list", 1),
    ]
    assert store.audited()[-1].details["called"] == "eve@example.com"
    clock.advance(timedelta(minutes=61))
    store.note_refused("id|eve", "not on the list")
    assert said(store)[-1] == ("id|eve", "not on the list", 1)
    assert len(said(store)) == 4


def test_whoever_makes_up_names_has_bounded_entries_and_is_counted_all_the_same(store: Store):
    store.note_refused("first", "not on the list")
    for number in range(3 * MOST_REFUSED):
        store.note_refused(f"eve{number}", "not on the list" if number % 2 else "locked out", "x")
    store.note_refused("first", "not on the list")
    found = said(store)
    assert len(found) == MOST_REFUSED + 2
    assert sum(times for *_, times in found) == 3 * MOST_REFUSED + 2
    assert found[0] == ("first", "not on the list", 2)
    assert {who for who, *_ in found[MOST_REFUSED:]} == {OTHERS}
    assert "called" not in store.audited()[0].details


def test_an_entry_is_small_however_long_the_name(store: Store):
    store.note_refused("e" * 100_000, "not on the list", "f" * 100_000)
    [entry] = store.audited()
    assert (len(entry.actor), len(entry.details["called"])) == (LONGEST_WHO, LONGEST_CALLED)


def test_who_is_refused_many_times_at_once_is_counted_each_time(store: Store):
    store.note_refused("id|eve", "not on the list")
    with ThreadPoolExecutor(8) as threads:
        for _ in threads.map(lambda _: store.note_refused("id|eve", "not on the list"), range(80)):
            pass
    assert said(store) == [("id|eve", "not on the list", 81)]
