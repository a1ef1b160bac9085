"""The form of the answer: a JSON schema, pasted or built from fields, and what becomes of it with the chosen model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from orchat.errors import InvalidRequestError
from orchat.presets.form import CHOICE, KINDS, schema_of
from orchat.presets.options import enforced, form_of
from orchat.presets.schemas import read_schema
from orchat.ui import session
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.openrouter import Model

KEY = "answer-schema"
SAMPLE = '{"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}'
EMPTY_ROWS = [{"name": None, "kind": "text", "about": None, "values": None}] * 3


def draw(model: Model | None, *, auto: bool) -> None:
    """Draw the schema, whether it is one, and how far the model can be held to it."""
    text = session.current().request.schema
    st.text_area(
        "Answer as JSON, by this schema",
        key=session.field_key(KEY, text),
        height=120,
        placeholder=SAMPLE,
        persist_state="session",
        on_change=_set,
        help="The answer is checked against it and shown as a tree.",
    )
    with st.container(horizontal=True, gap="small"):
        st.button("Build from fields", key="build-schema", type="tertiary", icon=":material/list_alt:", on_click=_build)
        if text.strip():
            st.button("Remove", key="remove-schema", type="tertiary", on_click=_remove)
    if text.strip():
        _judge(model, auto=auto)


def draw_if_wanted() -> None:
    """Draw the dialog of the fields while it is open."""
    if session.current().building:
        _dialog()


def _judge(model: Model | None, *, auto: bool) -> None:
    options = session.current().request
    try:
        fields = read_schema(options.schema).get("properties") or {}
    except InvalidRequestError as error:
        st.error(plain(error.message))
        return
    form, name = form_of(model, auto=auto), plain(model.short_name if model else "The model")
    if form is None:
        st.error(f"{name} cannot answer in JSON: nothing is sent to it while this schema is set.")
    elif form == "json_object":
        st.caption(f"✓ {len(fields)} fields. {name} answers in JSON, but is only told the schema: it may differ.")
    elif enforced(options):
        st.caption(f"✓ {len(fields)} fields, which the provider enforces.")
    else:
        st.caption(
            f"✓ {len(fields)} fields. Not enforced word by word: a field is optional, or an object is open. "
            "The answer is checked here."
        )


def _set() -> None:
    current = session.current()
    current.request = replace(current.request, schema=str(session.field_value(KEY) or ""))


def _use(text: str) -> None:
    current = session.current()
    current.set_request(replace(current.request, schema=text))


def _remove() -> None:
    _use("")


def _build() -> None:
    session.current().building = True


def _close() -> None:
    session.current().building = False


def _built(rows: list[Mapping[str, Any]]) -> None:
    _use(json.dumps(schema_of(rows), ensure_ascii=False, indent=2))
    _close()


@st.dialog("What the answer shall hold", width="medium", icon=":material/list_alt:", on_dismiss=_close)
def _dialog() -> None:
    if not session.current().building:
        st.rerun()
    st.caption("A row for each field. The values of *one of* stand in the last column, separated by commas.")
    rows = st.data_editor(
        EMPTY_ROWS,
        num_rows="dynamic",
        hide_index=True,
        key="schema-rows",
        column_config={
            "name": st.column_config.TextColumn("Name"),
            "kind": st.column_config.SelectboxColumn("Holds", options=[*KINDS, CHOICE], default="text"),
            "about": st.column_config.TextColumn("What it means"),
            "values": st.column_config.TextColumn("One of"),
        },
    )
    named = any(row.get("name") for row in rows)
    st.button("Use these fields", key="use-fields", type="primary", disabled=not named, on_click=_built, args=(rows,))
