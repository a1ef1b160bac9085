"""The options above the box: preset, system prompt, parameters, form of the answer and routing, behind one button."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from orchat.presets.parameters import to_wire
from orchat.ui import (
    asking,
    parameter_fields,
    preset_picker,
    resources,
    routing_fields,
    schema_fields,
    session,
    variables_dialog,
)
from orchat.ui.choice_keys import SYSTEM

PANEL = "options-panel"
ABOUT_VARIABLES = (
    "The model reads it before everything else. `{{name}}` is asked for when you send, `{{name|default}}` may be left "
    "empty; `{{date}}`, `{{time}}`, `{{weekday}}`, `{{user}}` and `{{model}}` are known. `\\{{name}}` stays as it is."
)


def draw() -> None:
    """Draw the button and how much is set, and the fields behind it."""
    current = session.current()
    model, auto = asking.model_of(current.ask), current.ask.auto
    if current.fields_for != current.ask.asked:
        # Another model has other fields, and other limits in the same ones.
        current.fields_for = current.ask.asked
        current.set_request(current.request)
    if current.presets or current.building or current.postponed:
        # The first click in a dialog would close it, and draw the page and the dialog anew under the click.
        session.set_widget(PANEL, value=False)
    # Its label never changes, or Streamlit would take it for another one and close it. Opening it draws the page again,
    # and what is in it only then: all its fields cost as much as the rest of the page.
    panel = st.popover("Options", icon=":material/tune:", type="tertiary", key=PANEL, on_change="rerun")
    if said := _said(auto=auto):
        st.caption(said, width="content")
    if not panel.open:
        return
    with panel:
        preset_picker.draw()
        _system_prompt()
        variables_dialog.draw_fields()
        parameter_fields.draw(model, auto=auto)
        schema_fields.draw(model, auto=auto)
        routing_fields.draw(resources.connection().catalogue.current(), zdr=current.ask.zdr)


def draw_dialogs() -> None:
    """Draw what opens over the page, while it is open."""
    variables_dialog.draw_if_wanted()
    schema_fields.draw_if_wanted()
    preset_picker.draw_dialog_if_wanted()


def _said(*, auto: bool) -> str:
    current = session.current()
    parts = [name for name in (preset_picker.name_of_chosen(),) if name]
    if count := current.request.count:
        parts.append(f"{count} set")
    if left_out := len(to_wire(current.request.parameters, asking.model_of(current.ask), auto=auto).left_out):
        parts.append(f":orange[{left_out} not sent]")
    return " · ".join(parts)


def _system_prompt() -> None:
    text = session.current().request.system_prompt
    st.text_area(
        "System prompt",
        key=session.field_key(SYSTEM, text),
        height=110,
        placeholder="How the model should work and answer",
        help=ABOUT_VARIABLES,
        persist_state="session",
        on_change=_set_system,
    )


def _set_system() -> None:
    current = session.current()
    current.request = replace(current.request, system_prompt=str(session.field_value(SYSTEM) or ""))
