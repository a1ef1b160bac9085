"""The values of a system prompt's variables: fields beside it, and a dialog when one is missing at sending."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from orchat.presets.variables import variables
from orchat.ui import asking, session
from orchat.ui.wording import plain


def draw_fields() -> None:
    """Draw a field for each variable that is not known by itself."""
    current = session.current()
    known = asking.known(current.ask)
    for number, each in enumerate(variables(current.request.system_prompt)):
        if each.name in known:
            continue
        name = f"variable-{number}-{each.name}"
        key = session.field_key(name, current.request.variables.get(each.name, ""))
        st.text_input(
            plain(each.name),
            key=key,
            placeholder="Asked for when you send" if each.default is None else each.default,
            persist_state="session",
            on_change=_take,
            args=({each.name: key},),
        )


def draw_if_wanted() -> None:
    """Draw the dialog while something waits to be sent."""
    if session.current().postponed is not None:
        _dialog()


def _take(keys: dict[str, str]) -> None:
    current = session.current()
    given = {name: str(session.widget_value(key) or "") for name, key in keys.items()}
    current.request = replace(current.request, variables={**current.request.variables, **given})


def _send(keys: dict[str, str]) -> None:
    current = session.current()
    _take(keys)
    # The fields in the options show the same values.
    current.set_request(current.request)
    if not asking.lacking(current):
        current.intent, current.postponed = current.postponed, None


def _give_back() -> None:
    current = session.current()
    current.intent, current.postponed = current.postponed, None
    current.give_back()


@st.dialog("A few words first", icon=":material/edit_note:", on_dismiss=_give_back)
def _dialog() -> None:
    current = session.current()
    if current.postponed is None:
        # Sent or dismissed: the page has to know.
        st.rerun()
    st.caption("The system prompt of this chat has places to fill. Nothing is sent before.")
    wanted = asking.lacking(current)
    keys = {name: f"asked-variable-{name}" for name in wanted}
    with st.form("variables", border=False):
        for name, key in keys.items():
            st.text_input(plain(name), key=key)
        st.form_submit_button("Send", type="primary", on_click=_send, args=(keys,))
