"""Session: the open tab of one visitor, and the only module that touches Streamlit's session state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from orchat.people import Person
from orchat.ui import identity
from orchat.ui.choice_keys import PROMPT
from orchat.ui.intents import sent
from orchat.ui.tab import NOBODY, Session

if TYPE_CHECKING:
    from orchat.store import Kind


def current() -> Session:
    """Return this visitor's session; one that somebody else has begun in this tab is gone, with all that it held."""
    found: Session | None = st.session_state.get("session")
    fingerprint = identity.fingerprint()
    if found is None or found.fingerprint != fingerprint:
        if found is not None:
            leave()
        found = st.session_state["session"] = Session(fingerprint=fingerprint)
    return found


def leave() -> None:
    """Let go of everything that this tab has open and has chosen."""
    st.session_state.clear()


def begin(person: Person) -> Session:
    """Return the session of somebody who has been let in."""
    session = current()
    if session.person != person:
        if session.person.owner not in (NOBODY.owner, person.owner):
            leave()
            session = current()
        session.person = person
    return session


def new_chat() -> None:
    """Show an empty chat, from whichever page; for button callbacks."""
    session = current()
    session.wanted_kind = session.kind
    session.open(None)


def open_chat(conversation_id: str, kind: Kind) -> None:
    """Show a chat of the list, on the page of its kind; for button callbacks."""
    session = current()
    session.removed, session.wanted_kind = None, kind
    if kind == session.kind:
        session.open(conversation_id)
    else:
        session.elsewhere[kind] = conversation_id


def enter(kind: Kind) -> None:
    """Show the page of a kind of conversations, with what was open there."""
    session = current()
    session.wanted_kind = None
    if session.kind != kind:
        session.elsewhere[session.kind] = session.conversation_id
        session.kind, session.address = kind, None
        session.open(session.elsewhere.get(kind))


def submitted() -> None:
    """Take what was written in the box; for its callback, which runs before anything that could fail."""
    session = current()
    session.intent, session.held = sent(widget_value(PROMPT), session.held), ()


def may_share() -> bool:
    """Whether this visitor may put documents on everybody's shelf, and take them off it."""
    return current().person.operator


def local_now() -> datetime:
    """Return the time in the visitor's time zone."""
    try:
        return datetime.now(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.now(UTC)


def visit(message_id: str) -> tuple[str, str]:
    """Return a message and this moment: the page scrolls to it, once."""
    return message_id, datetime.now(UTC).isoformat()


def take_draft() -> str | None:
    """Return what could not be sent, once."""
    draft, current().draft = current().draft, None
    return draft


def set_widget(key: str, *, value: Any) -> None:
    """Give a widget a value before it is drawn."""
    st.session_state[key] = value


def forget_widget(key: str) -> None:
    """Let a widget begin anew with its first value."""
    st.session_state.pop(key, None)


def widget_value(key: str) -> Any:
    """Return a widget's value before it is drawn, None where it has none yet."""
    return st.session_state.get(key)


def field_key(name: str, value: Any) -> str:
    """Return the key of a field that shows what is set; one that is not on the page yet begins with `value`.

    What is set from elsewhere is shown by another field: a browser that sends an older value of the same one, since
    the new one is still on its way to it, would set it back.
    """
    key = f"{name}-{current().edition}"
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def field_value(name: str) -> Any:
    """Return the value of a field in its callback."""
    return st.session_state.get(f"{name}-{current().edition}")


def let_clicks_through() -> None:
    """Let a click end this script run where nothing is drawn: Streamlit looks for one whenever its state is read."""
    current()
