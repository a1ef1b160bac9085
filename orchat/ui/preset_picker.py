"""Choosing a preset: in the options, for a new chat, and the one that a new chat begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from orchat.presets.contents import same
from orchat.presets.options import RequestOptions
from orchat.ui import choices, preset_form, presets_dialog, resources, session
from orchat.ui.preset_form import label
from orchat.ui.presets_dialog import DEFAULT
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.store import Preset

KEY = "preset"
SHOWN = 6
"""Presets that an empty chat offers by themselves; the others are in the options."""


def draw() -> None:
    """Draw the list to choose from, and the ways to keep and change presets."""
    current, found = session.current(), _found()
    chosen = current.request.preset if current.request.preset in found else None
    st.selectbox(
        "Preset",
        list(found),
        index=None,
        key=session.field_key(KEY, chosen),
        format_func=lambda preset_id: label(found[preset_id]) if preset_id in found else "",
        placeholder="None" if found else "None yet: set something below, and save it",
        persist_state="session",
        on_change=_choose,
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Save as preset", key="save-preset", type="tertiary", on_click=preset_form.begin)
        st.button("Manage presets", key="manage-presets", type="tertiary", on_click=preset_form.show_list)
        if chosen and not same(found[chosen].content, choices.as_settings(current)):
            st.caption("Changed since it was chosen.", width="content")
            st.button("Take it anew", key="preset-again", type="tertiary", on_click=_use, args=(chosen,))


def draw_shelf() -> None:
    """Offer presets to an empty chat."""
    current, found = session.current(), _found()
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="preset-shelf"):
        st.caption("With a preset:", width="content")
        for preset in list(found.values())[:SHOWN]:
            st.button(
                plain(label(preset)),
                key=f"begin-with-{preset.id}",
                type="primary" if preset.id == current.request.preset else "secondary",
                help="In use: press to leave it" if preset.id == current.request.preset else "Preset for this chat",
                on_click=_toggle,
                args=(preset.id,),
            )


def draw_dialog_if_wanted() -> None:
    """Draw the dialog of the presets while it is open."""
    presets_dialog.draw_if_wanted()


def name_of_chosen() -> str:
    """Return the chosen preset's name, as Markdown."""
    chosen = session.current().request.preset
    preset = _found().get(chosen) if chosen else None
    return plain(label(preset)) if preset else ""


def begin_anew() -> None:
    """Set a new chat to the default preset; without one nothing is set."""
    current, store = session.current(), resources.services().store
    current.fresh = False
    current.set_request(RequestOptions())
    preset = _found().get(str(store.preference(current.owner, DEFAULT) or ""))
    if preset is not None:
        choices.apply(preset)


def _found() -> dict[str, Preset]:
    current = session.current()
    return {preset.id: preset for preset in resources.services().store.presets(current.owner)}


def _choose() -> None:
    _use(str(session.field_value(KEY) or ""))


def _toggle(preset_id: str) -> None:
    _use("" if session.current().request.preset == preset_id else preset_id)


def _use(preset_id: str) -> None:
    preset = _found().get(preset_id)
    if preset is None:
        session.current().set_request(RequestOptions())
    else:
        choices.apply(preset)
