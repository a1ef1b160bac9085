"""Budgets as bars: what is spent of each, what is reserved, and when it begins anew."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from orchat.budgets import Budget, BudgetState, Period, Scope, SetBy, name_of
from orchat.ui.wording import money, plain
from orchat.usage import decimal


def draw(states: Iterable[BudgetState], today: date) -> None:
    """Draw a bar for each budget."""
    for state in states:
        _draw(state, state.budget.renewed(today))


def draw_kept(kept: Mapping[str, Any]) -> None:
    """Draw the budget that has stopped a request, as it is kept with the error; what cannot be read is left out."""
    try:
        amount, spent, reserved = (_dollars(kept[name]) for name in ("amount", "spent", "reserved"))
        budget = Budget(Scope(kept["scope"]), amount, Period(kept["period"]), SetBy(kept.get("set_by", "operator")))
        state = BudgetState(budget, spent, reserved)
        renewed = date.fromisoformat(kept["renewed"]) if kept.get("renewed") else None
    except (KeyError, TypeError, ValueError):
        return
    _draw(state, renewed)


def _dollars(kept: Any) -> Decimal:
    amount = decimal(kept)
    if amount is None or amount < 0:
        raise ValueError("no amount")
    return amount


def _draw(state: BudgetState, renewed: date | None) -> None:
    budget, taken = state.budget, state.spent + state.reserved
    share = float(min(taken / budget.amount, Decimal(1))) if budget.amount else 1.0
    name = name_of(budget)
    words = [
        f"**{name[0].upper()}{name[1:]}:** {plain(money(state.spent))} of {plain(money(budget.amount))} spent",
        f"{plain(money(state.reserved))} reserved" if state.reserved else "",
        f"begins anew on {renewed.day} {renewed:%B} at 00:00 UTC" if renewed else "",
    ]
    st.progress(share, text=" · ".join(filter(None, words)))
