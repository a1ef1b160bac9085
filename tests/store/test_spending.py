"""The ledger added up: nothing counted twice, nothing left out, unknown counted as unknown."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from orchat.store import Store
from tests.store.clock import Clock

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def spend(store: Store, cost: str | None, owner: str = "ann", chat: str = "c", **known: object) -> None:
    call = store.open_call(owner, kind="chat", conversation_id=chat, model_asked="a/asked")
    amount = None if cost is None else Decimal(cost)
    store.update_call(owner, call.id, **{"state": "done", "model_answered": "a/b", "cost": amount, **known})


def test_costs_add_up_by_day_and_model_to_the_last_digit(store: Store, clock: Clock):
    for _ in range(10):
        spend(store, "0.1")
    spend(store, "0.000000000001", model_answered="a/c", prompt_tokens=7, cached_tokens=3)
    clock.advance(timedelta(days=1))
    spend(store, "1e6")
    found = {(spent.day.day, spent.model): spent for spent in store.spending("ann", FIRST, LAST)}
    assert {place: spent.cost for place, spent in found.items()} == {
        (1, "a/b"): Decimal(1),
        (1, "a/c"): Decimal("1e-12"),
        (2, "a/b"): Decimal(1_000_000),
    }
    assert (found[1, "a/b"].requests, found[1, "a/c"].prompt_tokens, found[1, "a/c"].cached_tokens) == (10, 7, 3)


def test_unknown_is_counted_and_is_not_nothing_and_what_was_refused_is_not_unknown(store: Store):
    spend(store, None, state="stopped")
    spend(store, None, state="failed")
    spend(store, None, state="refused", model_answered=None)
    spend(store, "0")
    by_model = {spent.model: spent for spent in store.spending("ann", FIRST, LAST)}
    assert (by_model["a/b"].requests, by_model["a/b"].unknown, by_model["a/b"].cost) == (3, 2, 0)
    assert (by_model["a/b"].failed, by_model["a/b"].stopped) == (1, 1)
    assert (by_model["a/asked"].unknown, by_model["a/asked"].failed) == (0, 1)


def test_with_a_key_of_ones_own_the_credits_are_charged_less_than_it_costs(store: Store):
    spend(store, "0.105", charged=Decimal("0.005"), own_key=True)
    spend(store, "0.2")
    [spent] = store.spending("ann", FIRST, LAST)
    assert (spent.cost, spent.charged) == (Decimal("0.305"), Decimal("0.205"))


def test_a_range_of_days_includes_both_ends_and_shows_nothing_of_others(store: Store, clock: Clock):
    spend(store, "1")
    spend(store, "5", owner="bob")
    clock.advance(timedelta(days=1))
    spend(store, "2")
    clock.advance(timedelta(days=1))
    spend(store, "4")
    days = (date(2026, 3, 1), date(2026, 3, 2))
    assert sum(spent.cost for spent in store.spending("ann", *days)) == 3
    assert {spent.owner for spent in store.spending(None, *days)} == {"ann", "bob"}
    assert [call.cost for call in store.every_call("ann", *days)] == [1, 2]
    assert store.spending("eve", *days) == []


def test_the_conversations_that_cost_most_come_first_also_when_they_are_gone(store: Store):
    chat = store.create_conversation("ann")
    store.rename("ann", chat.id, "Rainbows")
    spend(store, "0.5", chat=chat.id)
    spend(store, "0.5", chat=chat.id)
    spend(store, "0.7", chat="gone")
    spend(store, None, chat="cheap")
    found = [(chat.title, chat.cost, chat.unknown) for chat in store.spending_by_chat("ann", FIRST, LAST)]
    assert found == [("Rainbows", Decimal(1), 0), (None, Decimal("0.7"), 0), (None, Decimal(0), 1)]
    assert store.cost_of("ann", chat.id).cost == 1
    assert store.cost_of("bob", chat.id).requests == 0


def test_times_to_the_first_token_are_counted_in_steps_by_model(store: Store):
    for milliseconds in (301, 309, 1200):
        spend(store, "0", first_token_ms=milliseconds)
    spend(store, "0")
    assert store.first_tokens("ann", FIRST, LAST) == {"a/b": [(300, 2), (1200, 1)]}


def test_more_requests_than_a_batch_are_all_exported(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchat.store.spending.BATCH", 2)
    for number in range(5):
        spend(store, str(number))
    assert [call.cost for call in store.every_call("ann", FIRST, LAST)] == [0, 1, 2, 3, 4]
