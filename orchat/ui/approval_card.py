"""Approval cards: the calls that wait for a person, and what can be said about each."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from orchat.agent.ask import Decision
from orchat.store import Message
from orchat.ui import session
from orchat.ui.session import Decide
from orchat.ui.wording import plain

ONCE, ALWAYS, EDIT, DENY = "Allow once", "Always allow in this chat", "Edit the arguments", "Deny"


def draw(waiting: Message) -> None:
    """Draw a card for each call that waits, and go on when all of them are decided."""
    calls: list[Mapping[str, Any]] = (waiting.details or {}).get("approvals") or []
    decisions = [_card(call, f"{waiting.id}-{number}") for number, call in enumerate(calls)]
    ready = [decision for decision in decisions if decision is not None]
    st.button(
        "Continue",
        type="primary",
        key=f"continue-{waiting.id}",
        icon=":material/play_arrow:",
        disabled=len(ready) < len(calls),
        on_click=_go_on,
        args=(waiting.id, tuple(ready)),
    )


def _go_on(message_id: str, decisions: tuple[Decision, ...]) -> None:
    session.current().intent = Decide(message_id, decisions)


def _card(call: Mapping[str, Any], key: str) -> Decision | None:
    """Draw the card of a call; return the decision, None while there is none that can be carried out."""
    arguments = json.dumps(call["arguments"], indent=2, ensure_ascii=False)
    with st.container(border=True, key=f"approval-{key}"):
        st.markdown(f"{call['icon']} **{plain(str(call['title']))}** would like to run.")
        if description := str(call.get("description") or "").strip():
            st.caption(plain(description.partition("\n")[0]))
        choice = st.radio(
            f"What may {plain(str(call['title']))} do?",
            [ONCE, ALWAYS, EDIT, DENY],
            key=f"decision-{key}",
            horizontal=True,
            label_visibility="collapsed",
        )
        if choice == EDIT:
            return _edited(arguments, key)
        st.code(arguments, language="json", wrap_lines=True)
        if choice == DENY:
            reason = st.text_input("Why? The model reads it (may stay empty).", key=f"reason-{key}")
            return Decision("reject", reason=reason.strip())
    return Decision("approve", always=choice == ALWAYS)


def _edited(arguments: str, key: str) -> Decision | None:
    written = st.text_area("Arguments, as JSON", arguments, key=f"arguments-{key}", height=160)
    try:
        value = json.loads(written)
    except ValueError as error:
        st.error(f"This is no JSON: {error}.")
        return None
    if not isinstance(value, dict):
        st.error("The arguments have to be an object: {…}.")
        return None
    return Decision("edit", arguments=value)
