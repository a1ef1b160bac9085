"""The settings of a plugin, as a form made from its pydantic model."""

import json
from typing import TYPE_CHECKING, Any, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from orchat.errors import PluginError
from orchat.services import tool_settings_name
from orchat.ui import resources, session
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.agent.toolbox import LoadedPlugin


def button(plugin: "LoadedPlugin") -> None:
    """Draw the button that opens the form."""
    if st.button(
        f"Settings of {plain(plugin.plugin.title)}", key=f"settings-{plugin.name}", icon=":material/settings:"
    ):
        _form(plugin)


@st.dialog("Settings")
def _form(plugin: "LoadedPlugin") -> None:
    model = plugin.plugin.settings
    assert model is not None
    current, services = session.current(), resources.services()
    name = tool_settings_name(plugin.name)
    stored: dict[str, Any] = services.store.preference(current.owner, name) or {}
    with st.form(f"settings-form-{plugin.name}", border=False):
        st.markdown(f"**{plain(plugin.plugin.title)}**")
        values = {key: _field(key, field, stored.get(key)) for key, field in model.model_fields.items()}
        saved = st.form_submit_button("Save", type="primary")
    if saved:
        _save(model, plugin, {key: value for key, value in values.items() if value is not None})


def _save(model: type[BaseModel], plugin: "LoadedPlugin", values: dict[str, Any]) -> None:
    from orchat.agent.toolbox.toolbox import filled

    current, services = session.current(), resources.services()
    operators = services.settings.tool_settings.get(plugin.name, {})
    try:
        filled(model, {**operators, **values}, plugin.plugin.title)
    except PluginError as error:
        st.error(plain(error.message))
        return
    services.store.save_preference(current.owner, tool_settings_name(plugin.name), values)
    st.rerun()


def _field(name: str, field: FieldInfo, stored: Any) -> Any:
    """Draw one field; None where nothing is set, or nothing can be."""
    kind, label = field.annotation, plain(field.title or name.replace("_", " ").capitalize())
    about = plain(field.description) if field.description else None
    default = None if field.default is PydanticUndefined else field.default
    value = default if stored is None else stored
    if kind is SecretStr or SecretStr in get_args(kind):
        st.caption(f"{label}: a secret. Whoever runs orchat sets it in `ORCHAT_TOOL_SETTINGS`.")
        return None
    if kind is bool:
        return st.toggle(label, bool(value), help=about)
    if kind is int:
        return st.number_input(label, value=None if value is None else int(value), step=1, help=about)
    if kind is float:
        return st.number_input(label, value=None if value is None else float(value), help=about)
    if choices := _choices(kind):
        return st.selectbox(label, choices, choices.index(value) if value in choices else None, help=about)
    if kind is str:
        return st.text_input(label, value or "", help=about) or None
    return _json(label, value, about)


def _choices(kind: Any) -> list[Any]:
    return list(get_args(kind)) if str(get_origin(kind)) == "typing.Literal" else []


def _json(label: str, value: Any, about: str | None) -> Any:
    written = st.text_area(f"{label} (JSON)", "" if value is None else json.dumps(value), help=about)
    try:
        return json.loads(written) if written.strip() else None
    except ValueError:
        st.error(f"{label} is no JSON.")
        return value
