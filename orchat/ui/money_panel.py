"""The money of a chat, behind a button beside the gauge: its budgets, a limit of its own, when to be asked first."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from orchat.budgets import Budget, Period, Scope, SetBy, read_limits, written
from orchat.temporary import is_temporary
from orchat.ui import budget_bars, resources, session
from orchat.ui.confirming import ABOVE
from orchat.ui.wording import money, plain

if TYPE_CHECKING:
    from orchat.store import ChatSpent

HEIGHT = 370
"""Pixels."""
PERIODS = {Period.EVER: "in all", Period.DAY: "each day", Period.WEEK: "each week", Period.MONTH: "each month"}
KEY, ASK_ABOVE = "money", "confirm-above"


def draw() -> None:
    """Draw the button, and what is behind it once it is pressed."""
    panel = st.popover("Budget", icon=":material/savings:", type="tertiary", key=KEY, on_change="rerun")
    # Always as high as it will be: the browser places it when it is opened, before there is anything in it.
    inside = panel.container(height=HEIGHT, border=False)
    if not panel.open:
        return
    current, services = session.current(), resources.services()
    chat, simulated = current.conversation_id, resources.connection().simulated
    with inside:
        if chat is not None:
            st.markdown(_spent(services.store.cost_of(current.owner, chat)))
        states = services.store.budget_states(current.owner, chat, simulated=simulated)
        budget_bars.draw(states, datetime.now(UTC).date())
        if not states:
            st.caption("No budget limits this chat.")
        if chat is not None and not is_temporary(chat):
            _draw_limit(chat, services.store.chat_limits(current.owner, chat))
        own = services.store.preference(current.owner, ABOVE)
        session.set_widget(ASK_ABOVE, value=own)
        st.number_input(
            "Ask me before a message may cost more than",
            min_value=0.0,
            value=None,
            step=0.1,
            placeholder=f"{services.settings.confirm_above} US dollars, unless you say otherwise",
            key=ASK_ABOVE,
            on_change=_set_above,
            help="In US dollars, for all your chats. Emptied, it is what whoever runs this orchat has set.",
        )


def _spent(spent: ChatSpent) -> str:
    """Say what a chat has cost, as Markdown."""
    unknown = f", and {spent.unknown} whose cost is not known" if spent.unknown else ""
    many = "request" if spent.requests == 1 else "requests"
    return f"This chat has cost **{plain(money(spent.cost))}** for {spent.requests} {many}{unknown}."


def _draw_limit(chat: str, limits: str) -> None:
    amount, period = f"chat-limit-{chat}", f"chat-period-{chat}"
    budget = next(iter(read_limits(limits, Scope.CHAT)), None)
    session.set_widget(amount, value=None if budget is None else float(budget.amount))
    if budget is not None:
        session.set_widget(period, value=budget.period)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(
            "Limit of this chat, in US dollars",
            min_value=0.0,
            value=None,
            step=0.5,
            placeholder="No limit of your own",
            key=amount,
            on_change=_set_limit,
            args=(chat,),
            help="No message is sent any more that could pass it. You can raise it, or empty the field.",
        )
        st.selectbox(
            "How often the limit begins anew",
            list(PERIODS),
            format_func=PERIODS.__getitem__,
            key=period,
            on_change=_set_limit,
            args=(chat,),
            label_visibility="collapsed",
            width=130,
        )


def _set_limit(chat: str) -> None:
    value, current = session.widget_value(f"chat-limit-{chat}"), session.current()
    period: Period = session.widget_value(f"chat-period-{chat}") or Period.EVER
    limit = [] if value is None else [Budget(Scope.CHAT, Decimal(str(value)), period, SetBy.PERSON)]
    resources.services().store.set_chat_limits(current.owner, chat, written(limit))


def _set_above() -> None:
    value = session.widget_value(ASK_ABOVE)
    resources.services().store.save_preference(session.current().owner, ABOVE, value)
