"""Properties: what goes in comes out, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchat.errors import StoreError
from orchat.store import Message, Store
from tests.store.clock import Clock

# The store outlives the examples on purpose: each adds rows of its own.
on_one_store = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=None)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime.fromisoformat("1970-01-03"), datetime.fromisoformat("2200-01-01"), timezones=zones)
any_text = st.text(st.characters())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=10,
)


def add(store: Store, wire: dict[str, Any] | None = None, **known: Any) -> Message:
    conversation = store.create_conversation("ann")
    return store.add_message("ann", conversation.id, role="user", wire=wire or {}, parent_id=None, **known)


@on_one_store
@given(amount=amounts)
def test_money_comes_back_to_the_last_digit(store: Store, amount: Decimal):
    assert store.message("ann", add(store, cost=amount).id).cost == amount


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(store: Store, amount: str):
    with pytest.raises(StoreError, match="is not an amount of money"):
        add(store, cost=Decimal(amount))


@on_one_store
@given(moment=moments)
def test_any_moment_comes_back_as_the_same_moment_in_utc(store: Store, clock: Clock, moment: datetime):
    clock.time = moment
    created_at = store.message("ann", add(store).id).created_at
    assert moment < created_at < moment + timedelta(seconds=5)
    assert created_at.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused(url: str):
    with (
        Store.open(url, now=lambda: datetime.fromisoformat("2026-03-01")) as store,
        pytest.raises(StoreError, match="no time zone"),
    ):
        store.create_conversation("ann")


@on_one_store
@given(wire=st.dictionaries(any_text, json_values))
def test_any_wire_message_comes_back_the_same(store: Store, wire: dict[str, Any]):
    assert store.message("ann", add(store, wire).id).wire == wire


def test_what_json_cannot_hold_is_refused(store: Store):
    with pytest.raises(StoreError, match="JSON"):
        add(store, {"content": float("nan")})


@on_one_store
@given(title=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_title_comes_back_the_same(store: Store, title: str):
    conversation = store.create_conversation("ann")
    assert store.rename("ann", conversation.id, title).title == title


def test_characters_that_a_database_refuses_are_replaced(store: Store):
    conversation = store.create_conversation("ann")
    assert store.rename("ann", conversation.id, "a\0b\ud83dc 🦜").title == "a\ufffdb\ufffdc 🦜"
