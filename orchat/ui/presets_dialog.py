"""The dialog in which presets are kept, changed, given away and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from orchat.errors import ImportFailedError
from orchat.presets.contents import LONGEST_NAME, from_file
from orchat.ui import choices, preset_form, resources, session
from orchat.ui.intents import PresetView
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.store import Preset

DEFAULT = "default_preset"
"""The name of the preference that holds the id of the preset of a new chat."""
EDIT, LOOK, COPY, BEGIN_WITH, NO_DEFAULT, DELETE = (
    "Edit",
    "Look at",
    "Duplicate",
    "Begin new chats with it",
    "Begin new chats without it",
    "Delete",
)


def draw_if_wanted() -> None:
    """Draw the dialog while it is open."""
    if session.current().presets is not None:
        _dialog()


@st.dialog("Presets", width="medium", icon=":material/bookmarks:", on_dismiss=preset_form.close)
def _dialog() -> None:
    view = session.current().presets
    if view is None:
        # Something was chosen: the page has to know.
        st.rerun()
    store, owner = resources.services().store, session.current().owner
    found = store.presets(owner)
    if view.editing is None:
        _list(found, view)
        return
    preset = next((each for each in found if each.id == view.editing), None)
    if view.editing and preset is None:
        st.caption("This preset has been deleted meanwhile.")
        st.button("Back", key="preset-back", on_click=preset_form.show_list)
    elif preset is not None and not preset_form.may_change(preset):
        preset_form.draw_for_others(preset)
    else:
        preset_form.draw(preset)
        if view.problem:
            st.error(plain(view.problem))


def _list(found: list[Preset], view: PresetView) -> None:
    default = resources.services().store.preference(session.current().owner, DEFAULT)
    if view.deleted is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"Deleted “{plain(view.deleted[1])}”.", width="content")
            st.button("Undo", key="undo-preset", type="tertiary", on_click=_restore, args=(view.deleted[0],))
    if not found:
        st.markdown("A preset keeps a model, a system prompt, parameters, tools and toggles under a name.")
    for preset in found:
        _row(preset, default=preset.id == default)
    st.button("Save what is chosen now", key="new-preset", icon=":material/add:", on_click=preset_form.begin)
    with st.expander("Import a preset", type="compact"):
        given = st.file_uploader("File", type=["json"], key="preset-file", label_visibility="collapsed")
        if given is not None:
            st.button("Import", key="import-preset", type="primary", on_click=_import, args=(given.getvalue(),))
    if view.problem:
        st.error(plain(view.problem))


def _row(preset: Preset, *, default: bool) -> None:
    mine = preset_form.may_change(preset)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key=f"row-{preset.id}"):
        with st.container(gap=None):
            badges = [":blue-badge[for everybody]"] * preset.shared + [":gray-badge[new chats]"] * default
            st.markdown(" ".join([f"**{plain(preset_form.label(preset))}**", *badges]))
            st.caption(plain(preset_form.summary(preset)))
        st.button("Use", key=f"use-preset-{preset.id}", on_click=_use, args=(preset.id,), width="content")
        st.menu_button(
            "More for this preset",
            [EDIT if mine else LOOK, COPY, NO_DEFAULT if default else BEGIN_WITH, *([DELETE] if mine else [])],
            key=f"preset-menu-{preset.id}",
            type="tertiary",
            icon=":material/more_horiz:",
            on_click=_act,
            args=(preset.id,),
        )


def _use(preset_id: str) -> None:
    current = session.current()
    choices.apply(resources.services().store.preset(current.owner, preset_id))
    preset_form.close()


def _act(preset_id: str) -> None:
    current, store = session.current(), resources.services().store
    preset, operator = store.preset(current.owner, preset_id), current.person.operator
    match session.widget_value(f"preset-menu-{preset_id}"):
        case str(wanted) if wanted in (EDIT, LOOK):
            preset_form.open_form(PresetView(editing=preset_id))
        case str(wanted) if wanted == COPY:
            name = f"{preset.name[: LONGEST_NAME - 5]} copy"
            copy = store.create_preset(current.owner, name, preset.content, icon=preset.icon)
            preset_form.open_form(PresetView(editing=copy.id))
        case str(wanted) if wanted in (BEGIN_WITH, NO_DEFAULT):
            store.save_preference(current.owner, DEFAULT, preset_id if wanted == BEGIN_WITH else None)
        case str(wanted) if wanted == DELETE:
            store.delete_preset(current.owner, preset_id, operator=operator)
            preset_form.note(preset_id, before=preset.shared, after=False)
            current.presets = PresetView(deleted=(preset_id, preset.name))


def _restore(preset_id: str) -> None:
    current = session.current()
    operator = current.person.operator
    preset = resources.services().store.restore_preset(current.owner, preset_id, operator=operator)
    preset_form.note(preset_id, before=False, after=preset.shared)
    preset_form.show_list()


def _import(data: bytes) -> None:
    current = session.current()
    try:
        name, icon, content = from_file(data)
    except ImportFailedError as error:
        current.presets = PresetView(problem=f"{error.message} {error.advice}")
        return
    preset = resources.services().store.create_preset(current.owner, name, content, icon=icon)
    preset_form.open_form(PresetView(editing=preset.id))
