"""The form of a preset: its name, its system prompt, and whom it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import streamlit as st

from orchat.people import LOCAL
from orchat.presets.contents import LONGEST_ICON, LONGEST_NAME, content_of, to_file
from orchat.presets.options import SYSTEM
from orchat.ui import choices, resources, session
from orchat.ui.intents import PresetView
from orchat.ui.wording import plain
from orchat.wire import fields

if TYPE_CHECKING:
    from orchat.store import Preset

NAME, ICON, PROMPT, SHARED, RENEW = "preset-name", "preset-icon", "preset-prompt", "preset-shared", "preset-renew"
"""Keys of the fields."""


def label(preset: Preset) -> str:
    """Return icon and name."""
    return f"{preset.icon} {preset.name}".strip()


def summary(preset: Preset) -> str:
    """Return in a line what it holds."""
    content = content_of(preset.content)
    catalogue = resources.connection().catalogue.current()
    model = "auto-router" if content.get("auto") else catalogue.name_of(content["model"]) if "model" in content else ""
    number = len(fields(content.get("parameters")))
    tools = content.get("tools")
    parts = (
        model,
        "ZDR" if content.get("zdr") else "",
        f"{number} parameter{'' if number == 1 else 's'}" if number else "",
        "answers as JSON" if content.get("schema") else "",
        "routing" if content.get("route") else "",
        f"{len(tools)} tools" if isinstance(tools, list) else "",
        _beginning(str(content.get(SYSTEM) or "")),
    )
    return " · ".join(part for part in parts if part)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= 70 else line[:69] + '…'}”" if line else ""


def may_change(preset: Preset) -> bool:
    """Whether this visitor may change it."""
    person = session.current().person
    return preset.owner == person.owner or (preset.shared and person.operator)


def show_list() -> None:
    """Open the list; for button callbacks."""
    session.current().presets = PresetView()


def begin() -> None:
    """Open the form for a new preset; for button callbacks."""
    open_form(PresetView(editing=""))


def close() -> None:
    """Close the dialog; for button callbacks."""
    session.current().presets = None


def open_form(view: PresetView) -> None:
    """Open the form of a preset, or an empty one."""
    current = session.current()
    current.presets = view
    if view.editing is None:
        return
    preset = resources.services().store.preset(current.owner, view.editing) if view.editing else None
    prompt = str(preset.content.get(SYSTEM) or "") if preset else current.request.system_prompt
    values: dict[str, Any] = {NAME: preset.name if preset else "", ICON: preset.icon if preset else "", PROMPT: prompt}
    values |= {SHARED: bool(preset and preset.shared), RENEW: False}
    for key, value in values.items():
        session.set_widget(key, value=value)


def draw_for_others(preset: Preset) -> None:
    """Draw a shared preset for those who cannot change it."""
    st.markdown(f"**{plain(label(preset))}** :blue-badge[for everybody]")
    st.caption("An operator keeps it: duplicate it to change it.")
    st.caption(plain(summary(preset)))
    st.text_area("System prompt", str(preset.content.get(SYSTEM) or ""), disabled=True, height=160)
    with st.container(horizontal=True):
        st.button("Back", key="preset-back", on_click=show_list)
        _export(preset)


def draw(preset: Preset | None) -> None:
    """Draw the form of a preset, or of a new one."""
    with st.form("preset-form", border=False):
        left, right = st.columns([5, 1])
        left.text_input("Name", key=NAME, max_chars=LONGEST_NAME, placeholder="Tutor, Reviewer, Translator…")
        right.text_input("Icon", key=ICON, max_chars=LONGEST_ICON, placeholder="🦊")
        st.text_area("System prompt", key=PROMPT, height=160, placeholder="{{variables}} are asked for")
        if preset is not None:
            st.toggle("Take over the model, parameters, tools and toggles that are chosen now", key=RENEW)
        if session.current().person.operator and not _alone():
            st.toggle("For everybody here, who can use it and not change it", key=SHARED)
        with st.container(horizontal=True):
            st.form_submit_button("Save", type="primary", on_click=_save, args=(preset.id if preset else "",))
            st.form_submit_button("Cancel", on_click=show_list if preset else close)
    if preset is None:
        st.caption("It keeps what is chosen now: model, toggles, parameters, tools and the form of the answer.")
    else:
        st.caption(plain(summary(preset)))
        _export(preset)


def _export(preset: Preset) -> None:
    name = "-".join(re.findall(r"\w+", preset.name))[:60].lower() or "preset"
    st.download_button(
        "Export as JSON",
        to_file(preset),
        file_name=f"{name}.preset.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key="export-preset",
    )


def _alone() -> bool:
    """Whether nobody else can be here: nothing needs to be shared then."""
    return session.current().person == LOCAL


def _save(preset_id: str) -> None:
    current, store = session.current(), resources.services().store
    name = str(session.widget_value(NAME) or "").strip()
    if not name:
        current.presets = PresetView(editing=preset_id, problem="Give the preset a name first.")
        return
    icon, prompt = str(session.widget_value(ICON) or "").strip(), str(session.widget_value(PROMPT) or "")
    operator = current.person.operator
    # What a browser says it may do is not asked.
    shared = operator and bool(session.widget_value(SHARED))
    now = choices.as_settings(current)
    if preset_id:
        old = store.preset(current.owner, preset_id)
        content = content_of({**(now if session.widget_value(RENEW) else old.content), SYSTEM: prompt})
        store.change_preset(
            current.owner, preset_id, name=name, icon=icon, shared=shared, content=content, operator=operator
        )
        note(preset_id, before=old.shared, after=shared)
        show_list()
    else:
        content = content_of({**now, SYSTEM: prompt})
        preset = store.create_preset(current.owner, name, content, icon=icon, shared=shared)
        note(preset.id, before=False, after=shared)
        choices.apply(preset)
        close()


def note(preset_id: str, *, before: bool, after: bool) -> None:
    """Enter in the audit log what becomes of a preset that everybody has, or has had."""
    if before or after:
        action = "changed a shared preset" if before and after else "shared a preset" if after else "took back a preset"
        resources.services().store.note(session.current().owner, action, details={"preset": preset_id})
