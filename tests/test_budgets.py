"""Budgets as they are written and read, when they begin anew, and what a refusal says."""

from datetime import date
from decimal import Decimal

import pytest

from orchat.budgets import (
    Budget,
    BudgetState,
    Period,
    Reservation,
    Scope,
    SetBy,
    read_budgets,
    read_limits,
    refusal,
    written,
)
from orchat.errors import SettingsError
from orchat.settings import Settings

TODAY = date(2026, 11, 26)
"""A Thursday."""


def test_an_operator_writes_budgets_in_one_line():
    assert read_budgets(" user: 5/day, total: $100 / month,chat:2 ") == (
        Budget(Scope.USER, Decimal(5), Period.DAY),
        Budget(Scope.TOTAL, Decimal(100), Period.MONTH),
        Budget(Scope.CHAT, Decimal(2)),
    )
    assert read_budgets("") == ()


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("5/day", "names no budget: write chat, user or total"),
        ("team: 5/day", "names no budget"),
        ("user: five", "is no limit: write US dollars"),
        ("user: -5", "is no limit"),
        ("user: 1e3", "is no limit"),
        ("user: 5/year", "5/day, 50/week or 100/month"),
        ("user: 5/ever", "is no limit"),
        ("total: 2000000", "is more than a budget may be"),
        ("user: 5/day, user: 6/day", "two budgets for the same time: user a day"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_could(text: str, complaint: str):
    with pytest.raises(ValueError, match=complaint):
        read_budgets(text)


def test_the_setting_is_read_and_a_wrong_one_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ORCHAT_BUDGET", "user: 5/day")
    assert Settings.load().budgets == (Budget(Scope.USER, Decimal(5), Period.DAY),)
    monkeypatch.setenv("ORCHAT_BUDGET", "user: 5/fortnight")
    with pytest.raises(SettingsError, match=r"ORCHAT_BUDGET.*5/fortnight"):
        Settings.load()


def test_limits_are_written_as_they_are_read():
    for text in ("", "5/day", "0.25", "5/day, 50.5/month, 200"):
        assert written(read_limits(text, Scope.USER)) == text


@pytest.mark.parametrize(
    "period, since, renewed",
    [
        (Period.DAY, date(2026, 11, 26), date(2026, 11, 27)),
        (Period.WEEK, date(2026, 11, 23), date(2026, 11, 30)),
        (Period.MONTH, date(2026, 11, 1), date(2026, 12, 1)),
        (Period.EVER, None, None),
    ],
)
def test_budgets_begin_anew_by_the_calendar(period: Period, since: date | None, renewed: date | None):
    budget = Budget(Scope.USER, Decimal(5), period)
    assert (budget.since(TODAY), budget.renewed(TODAY)) == (since, renewed)


def test_a_year_ends_and_february_is_short():
    budget = Budget(Scope.USER, Decimal(5), Period.MONTH)
    assert budget.renewed(date(2026, 12, 31)) == date(2027, 1, 1)
    assert budget.renewed(date(2027, 1, 31)) == date(2027, 2, 1)


def test_a_known_price_has_to_be_left_and_an_unknown_one_takes_what_there_is():
    known, guess = Reservation(Decimal("0.4")), Reservation(Decimal("0.25"), known=False)
    assert known.from_left(Decimal("0.4")) == Decimal("0.4")
    assert known.from_left(Decimal("0.39")) is None
    assert guess.from_left(Decimal(1)) == Decimal("0.25")
    assert guess.from_left(Decimal("0.01")) == Decimal("0.01")
    assert guess.from_left(Decimal(0)) is None
    assert Reservation(Decimal(0)).from_left(Decimal(0)) == 0


def say(spent: str, reserved: str, wanted: str, budget: Budget) -> str:
    state = BudgetState(budget, Decimal(spent), Decimal(reserved))
    error = refusal(state, Reservation(Decimal(wanted)), TODAY)
    return f"{error.message} {error.advice}"


def test_a_refusal_says_which_budget_how_it_stands_when_it_begins_anew_and_who_can_raise_it():
    day = Budget(Scope.USER, Decimal(5), Period.DAY)
    assert say("5.01", "0", "0.1", day) == (
        "Your budget for today is used up. Nothing was sent. It begins anew on 27 November at 00:00 UTC. "
        "Whoever runs this orchat can raise it. What your own OpenRouter key pays is not counted."
    )
    assert "This may cost up to $0.41, and your budget for today has $0.10 left." in say("4.9", "0", "0.41", day)
    assert "Requests that are on their way hold $4.90: try again when they have ended." in say("0", "4.9", "0.41", day)
    own = Budget(Scope.CHAT, Decimal("0.1"), set_by=SetBy.PERSON)
    said = say("0.1", "0", "0.1", own)
    assert said == (
        "The budget of this chat is used up. Nothing was sent. "
        "You have set it yourself, and can raise it beside the box."
    )
