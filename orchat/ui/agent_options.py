"""The agent's limits, behind a button that says them."""

from dataclasses import replace
from decimal import Decimal

import streamlit as st

from orchat.agent.ask import MAX_COST, MAX_STEPS
from orchat.ui import session
from orchat.ui.choice_keys import COST, STEPS
from orchat.ui.wording import money, plain


def draw() -> None:
    """Draw the button, and the fields behind it."""
    for key, value in ((COST, float(MAX_COST)), (STEPS, MAX_STEPS)):
        if session.widget_value(key) is None:
            session.set_widget(key, value=value)
    cost = Decimal(str(session.widget_value(COST)))
    label = f"Up to {plain(money(cost))} a turn" if cost else "No limit of dollars"
    with st.popover(label, icon=":material/toll:", type="tertiary", key="agent-options"):
        left, right = st.columns(2)
        most = left.number_input(
            "Most dollars per turn",
            min_value=0.0,
            step=0.1,
            key=COST,
            persist_state="session",
            help="The agent stops before the model call that comes after this much was spent. 0: no limit.",
        )
        steps = right.number_input("Most model calls per turn", 1, 200, step=1, key=STEPS, persist_state="session")
    current = session.current()
    current.options = replace(current.options, max_cost=float(most), max_steps=int(steps))
