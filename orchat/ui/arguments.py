"""The arguments of a tool call: shown so that they can be read, and edited field by field."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from orchat.ui import session
from orchat.ui.wording import plain

LONG = 80
"""Characters from which a text gets lines of its own."""
SHOWN = 20_000
CODE = {"code": "python", "python": "python", "sql": "sql", "query_sql": "sql", "html": "html"}
"""Names of arguments that hold code, and in which language."""


def draw(arguments: Mapping[str, Any]) -> None:
    """Draw arguments: code and long texts with their lines, the rest as JSON."""
    long = {name: value for name, value in arguments.items() if _is_long(name, value)}
    if short := {name: value for name, value in arguments.items() if name not in long}:
        # Uncoloured: Streamlit's colours for JSON are too faint on a light ground.
        st.code(_json(short), language=None, wrap_lines=True)
    for name, value in long.items():
        if len(arguments) > 1 or name not in CODE:
            st.caption(plain(name))
        st.code(value[:SHOWN], language=CODE.get(name), wrap_lines=True)
        if len(value) > SHOWN:
            st.caption(f"The first {SHOWN:,} of {len(value):,} characters.")


def code_in(arguments: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the code among arguments, and its language; None where there is none."""
    found = ((value, CODE[name]) for name, value in arguments.items() if name in CODE and isinstance(value, str))
    return next(found, None)


def draw_fields(arguments: Mapping[str, Any], *, key: str) -> None:
    """Draw a field for each argument; what is in them is read by `edited`."""
    for name, value in arguments.items():
        label, place = plain(name), _place(key, name)
        if isinstance(value, bool):
            st.toggle(label, value, key=place)
        elif isinstance(value, int):
            st.number_input(label, value=value, step=1, key=place)
        elif isinstance(value, float):
            st.number_input(label, value=value, key=place)
        elif _is_long(name, value):
            st.text_area(label, value, key=place, height="content")
        elif isinstance(value, str):
            st.text_input(label, value, key=place)
        else:
            st.text_area(f"{label} (JSON)", _json(value), key=place, height="content")


def edited(arguments: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Return what the fields hold; for the callback of their form.

    Raises:
        ValueError: a field for JSON holds something else; the text says which.
    """
    return {name: _read(name, value, session.widget_value(_place(key, name))) for name, value in arguments.items()}


def _read(name: str, before: Any, written: Any) -> Any:
    if isinstance(before, str | bool | int | float):
        return before if written is None else written
    try:
        return json.loads(written)
    except ValueError as error:
        raise ValueError(f"{name} is no JSON: {error}.") from None


def _place(key: str, name: str) -> str:
    return f"argument-{key}-{name}"


def _is_long(name: str, value: Any) -> bool:
    return isinstance(value, str) and (name in CODE or len(value) > LONG or "\n" in value)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
