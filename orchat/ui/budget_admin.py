"""Budgets on the operators' page: what each person has spent, what they may spend, and a field to change it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import streamlit as st

from orchat.budgets import Scope, written
from orchat.errors import NotAdmittedError
from orchat.ui import admin_settings, budget_bars, resources, session, spreadsheet
from orchat.ui.wording import plain

DOLLARS = st.column_config.NumberColumn(format="$ %.4f")
LIMITS, PROBLEM = "budget-limits", "budget-problem"
NO_LIMIT, STANDING = "no limit", "as for everybody"
SHARED = "Documents of everybody"


def draw() -> None:
    """Draw the standing budgets, everybody's spending, and the budget of whoever is selected."""
    store = resources.services().store
    today = datetime.now(UTC).date()
    _standing(today)
    sums = _spent(today)
    limits, names = store.all_user_limits(), people()
    owners = sorted({*names, *sums, *limits}, key=lambda owner: (-sums[owner][1], names.get(owner, owner)))
    rows = [
        {
            "Name": names.get(owner, owner),
            "Today": float(sums[owner][0]),
            "This month": float(sums[owner][1]),
            "Budget": STANDING if owner not in limits else limits[owner] or NO_LIMIT,
        }
        for owner in owners
    ]
    chosen = st.dataframe(
        spreadsheet.rows(rows),
        key="budgets",
        column_config={"Today": DOLLARS, "This month": DOLLARS},
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="",
        alt="What each person has spent and may spend",
    )
    marked = chosen["selection"]["rows"]
    if marked and marked[0] < len(owners):
        _edit(owners[marked[0]], names, limits)


def people() -> dict[str, str]:
    """Return the names of all who have been here, by owner."""
    current = session.current()
    known = {person.owner: person.name for person in resources.services().store.everybody()}
    return {current.owner: current.person.name or "You", **known, "@shared": SHARED}


def _standing(today: date) -> None:
    services = resources.services()
    by_scope = {scope: [one for one in services.store.standing if one.scope is scope] for scope in Scope}
    said = [f"{name}: **{plain(written(by_scope[scope]))}**" for scope, name in SCOPES.items() if by_scope[scope]]
    st.caption(
        f"US dollars. {'; '.join(said)}. By the calendar in UTC."
        if said
        else "US dollars. Nobody is limited. Select somebody to limit them alone."
    )
    admin_settings.draw_form(admin_settings.ELSEWHERE)
    simulated = resources.connection().simulated
    states = services.store.budget_states(session.current().owner, simulated=simulated)
    budget_bars.draw([state for state in states if state.budget.scope is Scope.TOTAL], today)


SCOPES = {Scope.USER: "Each person", Scope.CHAT: "each chat", Scope.TOTAL: "everybody together"}


def _spent(today: date) -> Mapping[str, tuple[Decimal, Decimal]]:
    """Return what each owner has spent today and this month."""
    nothing = (Decimal(0), Decimal(0))
    sums: defaultdict[str, tuple[Decimal, Decimal]] = defaultdict(lambda: nothing)
    for spent in resources.services().store.spending(None, today.replace(day=1), today):
        day, month = sums[spent.owner]
        sums[spent.owner] = (day + spent.cost if spent.day == today else day, month + spent.cost)
    return sums


def _edit(owner: str, names: Mapping[str, str], limits: Mapping[str, str]) -> None:
    name = plain(names.get(owner, owner))
    if owner.startswith("@"):
        st.caption(f"{name} count for everybody's budget alone.")
        return
    with st.form("budget-form"):
        session.set_widget(LIMITS, value=limits.get(owner, ""))
        st.text_input(
            f"Budget of {name}",
            key=LIMITS,
            placeholder="Empty: no limit",
            help="US dollars and how often they begin anew: `5/day`, `20/week, 50/month`, or `10` for good.",
        )
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Set this budget", type="primary", on_click=_set, args=(owner,))
            st.form_submit_button("As for everybody", on_click=set_limits, args=(owner, None))
    if problem := session.widget_value(PROBLEM):
        st.error(plain(problem))
        session.set_widget(PROBLEM, value=None)


def _set(owner: str) -> None:
    set_limits(owner, session.widget_value(LIMITS) or "")


def set_limits(owner: str, limits: str | None) -> None:
    """Set what somebody may spend, None as everybody; for operators.

    Raises:
        NotAdmittedError: whoever is here is none.
    """
    current, store = session.current(), resources.services().store
    if not current.person.operator:
        raise NotAdmittedError("Budgets are set by operators.")
    try:
        store.set_user_limits(owner, limits)
    except ValueError as error:
        session.set_widget(PROBLEM, value=str(error))
        return
    store.note(current.owner, "set a budget", owner, {"budget": STANDING if limits is None else limits or NO_LIMIT})
