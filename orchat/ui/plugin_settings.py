"""The settings of a plugin, as a form made from its pydantic model."""

import json
from typing import TYPE_CHECKING, Any, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from orchat.errors import PluginError
from orchat.ui import resources, session
from orchat.ui.wording import plain
from orchat.workshop import is_set_for_all, tool_settings_name

if TYPE_CHECKING:
    from orchat.agent.toolbox import LoadedPlugin

SIMPLE = (bool, int, float, str)


def draw(plugin: "LoadedPlugin") -> None:
    """Draw the form, folded; in its place, since a dialog would open below the panel that it belongs to."""
    model = _model(plugin)
    current, services = session.current(), resources.services()
    if is_set_for_all(services.settings, plugin.name):
        st.caption(f"{plain(plugin.plugin.title)} is set up by whoever runs this orchat.")
        return
    stored: dict[str, Any] = services.store.preference(current.owner, tool_settings_name(plugin.name)) or {}
    with (
        st.expander(f"Settings of {plain(plugin.plugin.title)}", type="compact", icon=":material/settings:"),
        st.form(f"settings-{plugin.name}"),
    ):
        for name, field in model.model_fields.items():
            _draw_field(name, field, stored.get(name), key=_key(plugin, name))
        st.form_submit_button("Save", type="primary", key=f"save-{plugin.name}", on_click=_save, args=(plugin,))


def _save(plugin: "LoadedPlugin") -> None:
    from orchat.agent.toolbox.toolbox import filled

    current, services, model = session.current(), resources.services(), _model(plugin)
    if is_set_for_all(services.settings, plugin.name):
        return
    operators = services.settings.tool_settings.get(plugin.name, {})
    try:
        values = {name: _value(name, field, _key(plugin, name)) for name, field in model.model_fields.items()}
        chosen = {name: value for name, value in values.items() if value is not None}
        filled(model, {**operators, **chosen}, plugin.plugin.title)
    except PluginError as error:
        current.notice = plain(error.message)
        return
    services.store.save_preference(current.owner, tool_settings_name(plugin.name), chosen)
    current.notice = f"The settings of {plain(plugin.plugin.title)} are saved."


def _model(plugin: "LoadedPlugin") -> type[BaseModel]:
    model = plugin.plugin.settings
    assert model is not None
    return model


def _key(plugin: "LoadedPlugin", name: str) -> str:
    return f"setting-{plugin.name}-{name}"


def _draw_field(name: str, field: FieldInfo, stored: Any, *, key: str) -> None:
    kind, label = field.annotation, plain(field.title or name.replace("_", " ").capitalize())
    about = plain(field.description) if field.description else None
    default = None if field.default is PydanticUndefined else field.default
    value = default if stored is None else stored
    if _is_secret(field):
        st.caption(f"{label}: a secret. Whoever runs orchat sets it in `ORCHAT_TOOL_SETTINGS`.")
    elif kind is bool:
        st.toggle(label, bool(value), help=about, key=key)
    elif kind is int:
        st.number_input(label, value=None if value is None else int(value), step=1, help=about, key=key)
    elif kind is float:
        st.number_input(label, value=None if value is None else float(value), help=about, key=key)
    elif choices := _choices(field):
        st.selectbox(label, choices, choices.index(value) if value in choices else None, help=about, key=key)
    elif kind is str:
        st.text_input(label, value or "", help=about, key=key)
    else:
        st.text_area(f"{label} (JSON)", "" if value is None else json.dumps(value), help=about, key=key)


def _value(name: str, field: FieldInfo, key: str) -> Any:
    """Return what a field holds; None where nothing is set, or nothing can be.

    Raises:
        PluginError: it is to be JSON and is not.
    """
    written = session.widget_value(key)
    if _is_secret(field) or written in (None, ""):
        return None
    if field.annotation in SIMPLE or _choices(field):
        return written
    try:
        return json.loads(written)
    except ValueError as error:
        raise PluginError(f"{field.title or name} is no JSON: {error}.") from None


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def _choices(field: FieldInfo) -> list[Any]:
    return list(get_args(field.annotation)) if str(get_origin(field.annotation)) == "typing.Literal" else []
