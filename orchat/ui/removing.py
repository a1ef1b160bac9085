"""Taking messages out of a chat, and bringing them back."""

from __future__ import annotations

import streamlit as st

from orchat.errors import OrchatError
from orchat.turn import describe
from orchat.ui import resources, session

REST, ANSWER, BOTH = "Delete the continuation", "Delete this answer", "Delete with its question"


def remove(message_id: str | None) -> None:
    """Take a message out with all that follows it; for button callbacks."""
    if message_id is None:
        return
    current = session.current()
    try:
        current.taken_out = resources.services().chats.remove(current.owner, message_id)
    except OrchatError as error:
        current.problem = describe(error)


def answer_below(question_id: str | None) -> str | None:
    """Return the first message of the answer to a question, of the branch that is shown."""
    below = (message.id for message in session.current().branch if message.parent_id == question_id)
    return next(below, None)


def question_above(message_id: str) -> str | None:
    """Return what a person said before a message of the branch that is shown."""
    said: str | None = None
    for message in session.current().branch:
        if message.id == message_id:
            return said
        if message.role == "user" and not message.is_instruction:
            said = message.id
    return None


def draw_undo() -> None:
    """Say that something was taken out, and offer to bring it back, until the chat goes on."""
    if session.current().taken_out is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="taken-out"):
        st.caption("Deleted, with all that followed.", width="content")
        st.button("Undo", key="undo-removal", type="tertiary", icon=":material/undo:", on_click=_bring_back)


def _bring_back() -> None:
    current = session.current()
    removed, current.taken_out = current.taken_out, None
    if removed is None:
        return
    try:
        resources.services().store.bring_back(current.owner, removed)
    except OrchatError as error:
        current.problem = describe(error)
