"""Compare: the models that answer each question side by side, two to four of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import resources, session
from orchat.ui.beside import MOST
from orchat.ui.choice_keys import COMPARED
from orchat.ui.wording import model_labels
from orchat.wire import AUTO_MODEL

if TYPE_CHECKING:
    from orchat.connections import Connection

PANEL = "compare"
HELP = "Each of them answers every question, side by side, and each is paid. The model in the sidebar then rests."


def draw(connection: Connection) -> None:
    """Draw the button, and the choice behind it."""
    current, catalogue = session.current(), connection.catalogue.current()
    wanted = list(session.widget_value(COMPARED) or ())
    rules = resources.services().live.rules()
    models = (model.id for model in catalogue.offered(zdr=current.ask.zdr, rules=rules) if model.id != AUTO_MODEL)
    offered = [*filter(rules.allow_model, [AUTO_MODEL]), *models]
    if not len(catalogue):
        # The list of models is still on its way.
        offered += [model for model in wanted if model != AUTO_MODEL]
    chosen = [model for model in wanted if model in offered]
    if chosen != wanted:
        session.set_widget(COMPARED, value=chosen)
    label = f"Comparing {len(chosen)}" if len(chosen) > 1 else "Compare"
    panel = st.popover(label, icon=":material/view_column:", type="tertiary", key=PANEL, on_change="rerun")
    if panel.open:
        with panel:
            chosen = _choose(offered, {**model_labels(catalogue), AUTO_MODEL: "⚡ Auto-router"})
    current.compared = tuple(chosen) if len(chosen) > 1 else ()


def _choose(offered: list[str], labels: dict[str, str]) -> list[str]:
    picked = st.multiselect(
        "Models that answer side by side",
        offered,
        key=COMPARED,
        format_func=lambda model: labels.get(model, model),
        max_selections=MOST,
        persist_state="session",
        placeholder=f"Choose two to {MOST} models",
        help=HELP,
    )
    if len(picked) == 1:
        st.caption("Choose one more: one alone is nothing to compare.")
    elif picked:
        st.caption(HELP)
    st.button("Compare nothing", key="compare-off", type="tertiary", disabled=not picked, on_click=_off)
    return picked


def _off() -> None:
    session.set_widget(COMPARED, value=[])
