"""What the usage page shows, worked out of the ledger: each number here was added up by hand."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from orchat.store import Spent, Store
from orchat.ui import usage_tables
from tests.store.clock import Clock

FIRST = date(2026, 2, 27)
LAST = date(2026, 3, 2)
NOTHING = Spent(
    day=FIRST,
    owner="ann",
    kind="chat",
    model="a",
    provider=None,
    simulated=False,
    requests=1,
    unknown=0,
    failed=0,
    stopped=0,
    cost=Decimal(0),
    charged=Decimal(0),
    prompt_tokens=0,
    completion_tokens=0,
    reasoning_tokens=0,
    cached_tokens=0,
)


def spent(day: date, model: str, cost: str, **more: object) -> Spent:
    return replace(NOTHING, day=day, model=model, cost=Decimal(cost), **more)  # type: ignore[arg-type]


def bars(spending: list[Spent], since: date = FIRST, until: date = LAST) -> list[tuple[object, object, object]]:
    rows = usage_tables.by_day(spending, lambda one: str(one.model), since, until)
    return [(row["Day"], row["Model"], row["US dollars"]) for row in rows]


def test_bars_are_stacked_by_model_the_dearest_first_and_days_without_use_are_there_as_nothing():
    march = date(2026, 3, 1)
    spending = [
        spent(march, "small", "0.25"),
        spent(march, "large", "1.5"),
        # The same model for a title, of another person: one bar.
        spent(march, "small", "0.5", kind="title", owner="bob"),
        spent(LAST, "small", "0.125"),
    ]
    assert bars(spending) == [
        ("2026-03-01", "large", 1.5),
        ("2026-03-01", "small", 0.75),
        ("2026-03-02", "small", 0.125),
        # February 2026 has 28 days.
        ("2026-02-27", "large", 0.0),
        ("2026-02-28", "large", 0.0),
    ]


def test_eight_models_have_a_colour_each_and_of_nine_the_two_cheapest_share_one():
    eight = [spent(FIRST, f"m{number}", f"{number}") for number in range(1, 9)]
    assert [model for _, model, _ in bars(eight, FIRST, FIRST)] == [f"m{number}" for number in range(8, 0, -1)]
    nine = [*eight, spent(FIRST, "m0", "0.5")]
    assert bars(nine, FIRST, FIRST) == [
        *(("2026-02-27", f"m{number}", float(number)) for number in range(8, 1, -1)),
        ("2026-02-27", usage_tables.OTHERS, 1.5),
    ]


def test_a_day_of_answers_that_cost_nothing_is_a_bar_of_nothing_and_no_second_row():
    assert bars([spent(FIRST, "free", "0")], FIRST, FIRST) == [("2026-02-27", "free", 0.0)]
    assert bars([], FIRST, FIRST) == [("2026-02-27", usage_tables.OTHERS, 0.0)]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 2, 28, 23, 59, 57, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db", now=clock) as store:
        yield store


def enter(store: Store, owner: str = "ann", **known: object) -> str:
    call = store.open_call(owner, kind="chat", conversation_id="c", model_asked="a/b")
    store.update_call(owner, call.id, **{"state": "done", **known})
    return call.id


def test_a_request_counts_for_the_day_in_utc_on_which_it_began(store: Store, clock: Clock):
    asked = store.open_call("ann", kind="chat", model_asked="a/b")
    assert clock.time == datetime(2026, 2, 28, 23, 59, 58, tzinfo=UTC)
    clock.advance(timedelta(seconds=1))
    store.update_call("ann", asked.id, state="done", cost=Decimal("0.25"))
    enter(store, cost=Decimal("0.5"))
    assert clock.time == datetime(2026, 3, 1, tzinfo=UTC)
    # Behind UTC it is still February then: the page says that its days are UTC.
    assert bars(store.spending("ann", FIRST, LAST)) == [
        ("2026-02-28", "a/b", 0.25),
        ("2026-03-01", "a/b", 0.5),
        ("2026-02-27", "a/b", 0.0),
        ("2026-03-02", "a/b", 0.0),
    ]
    assert [call.cost for call in store.every_call("ann", FIRST, date(2026, 2, 28))] == [Decimal("0.25")]


def test_the_operator_s_csv_says_whose_each_request_was_and_adds_up_by_person(store: Store):
    enter(store, "ann", cost=Decimal("0.000001"), prompt_tokens=10, cached_tokens=4)
    enter(store, "bob", cost=Decimal("0.25"), first_token_ms=310)
    enter(store, "ann", cost=Decimal("0.5"), provider="Azure")
    enter(store, "bob", state="refused", error="RateLimitedError")
    calls = list(store.every_call(None, FIRST, LAST))
    rows = list(csv.DictReader(StringIO("".join(usage_tables.as_csv(calls, whose=True)))))
    said = [(row["owner"], row["cost"], row["prompt_tokens"], row["cached_tokens"]) for row in rows]
    # No exponents: a spreadsheet reads them as it likes.
    assert said == [
        ("ann", "0.000001", "10", "4"),
        ("bob", "0.25", "", ""),
        ("ann", "0.5", "", ""),
        ("bob", "", "", ""),
    ]
    assert [(row["first_token_ms"], row["provider"], row["error"]) for row in rows] == [
        ("", "", ""),
        ("310", "", ""),
        ("", "Azure", ""),
        ("", "", "RateLimitedError"),
    ]
    by_person = usage_tables.rows_of(
        usage_tables.totals(store.spending(None, FIRST, LAST), lambda one: one.owner), "Person"
    )
    assert [(row["Person"], row["Cost"], row["Requests"], row["Errors"]) for row in by_person] == [
        ("ann", 0.500001, 2, 0),
        ("bob", 0.25, 2, 1),
    ]
    own = csv.DictReader(StringIO("".join(usage_tables.as_csv(calls))))
    assert "owner" not in (own.fieldnames or ())


def test_the_table_of_models_has_tokens_times_and_errors(store: Store):
    for milliseconds in (*[500] * 10, *[1200] * 9, 7000):
        enter(store, model_answered="a/b", first_token_ms=milliseconds, provider="Azure", cost=Decimal("0.01"))
    enter(store, model_answered="a/b", prompt_tokens=700, cached_tokens=300, completion_tokens=20, provider="OpenAI")
    enter(store, state="failed", cost=Decimal(0))
    enter(store, state="refused")
    enter(store, model_answered="c/d", state="stopped", prompt_tokens=5, completion_tokens=1, cost=Decimal("0.125"))
    sums = usage_tables.totals(store.spending("ann", FIRST, LAST), lambda one: str(one.model))
    times = {str(model): counted for model, counted in store.first_tokens("ann", FIRST, LAST).items()}
    heads = ("Model", "Cost", "Requests", "Tokens in", "Cached", "Tokens out", "First token", "Slow", "Errors")
    rows = usage_tables.model_rows(sums, times)
    assert [tuple(row[head] for head in heads) for row in rows] == [
        # Twenty answers told when they began: the tenth after 0.5 s, the nineteenth after 1.2 s.
        ("a/b", 0.2, 23, 700, 300, 20, 0.5, 1.2, 2),
        ("c/d", 0.125, 1, 5, 0, 1, None, None, 0),
    ]
    assert [(row["Cost unknown"], row["Providers"]) for row in rows] == [(1, "Azure, OpenAI"), (0, "")]
