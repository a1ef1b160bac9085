"""An answer that was asked for in a form: as a tree, with what its schema says of it, and its text one click away."""

from typing import Any

import streamlit as st

from orchat.presets.answers import Checked, check_answer
from orchat.store import Message
from orchat.temporary import is_temporary
from orchat.turn import SCHEMA
from orchat.ui import session
from orchat.ui.wording import plain
from orchat.wire import JSON, fields


def schema_of(message: Message) -> JSON | None:
    """Return the schema that an answer was asked to satisfy, None where it was asked for in words."""
    found: Any = fields(message.details).get(SCHEMA)
    return found if isinstance(found, dict) and message.role == "assistant" else None


def draw(text: str, schema: JSON) -> None:
    """Draw an answer that has come."""
    checked = check_answer(schema, text, keep=not is_temporary(session.current().conversation_id))
    if not checked.is_json:
        draw_code(text)
        st.caption(f":orange[:material/error:] Not JSON: {plain(checked.problems[0])}.")
        return
    st.json(checked.value, expanded=2)
    _verdict(checked)
    with st.expander("As text", type="compact"):
        draw_code(text)


def draw_code(text: str) -> None:
    """Draw an answer as it stands, also while it arrives."""
    st.code(text, language="json", wrap_lines=True)


def _verdict(checked: Checked) -> None:
    if checked.valid:
        st.caption(":green[:material/check_circle:] Satisfies its schema")
        return
    st.caption(":orange[:material/error:] Does not satisfy its schema:")
    st.markdown("\n".join(f"- :small[{plain(problem)}]" for problem in checked.problems))
