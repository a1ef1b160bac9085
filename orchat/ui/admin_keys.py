"""Keys that were made for people: what operators see of them, and how they renew one."""

import streamlit as st

from orchat.errors import OrchatError
from orchat.store import Known
from orchat.turn import describe
from orchat.ui import error_card, resources, session
from orchat.ui.wording import plain


def draw(person: Known) -> None:
    """Draw what is known of somebody's key; nothing where no keys are made."""
    made = resources.made_keys()
    if made is None:
        return
    known = made.known(person.owner)
    if known is None:
        st.caption("No key was made for them yet: that is done when they come in.")
        return
    again = "" if known.reset == "never" else f" {known.reset}"
    state = "disabled" if known.disabled else f"up to ${known.limit}{again}"
    st.caption(plain(f"Their key: {state}. OpenRouter lists it as {known.hash[:12]}…"))
    st.button("Make them a new key", key="renew-key", on_click=renew, args=(person.owner, person.name))


def renew(owner: str, name: str) -> None:
    """Make somebody another key, and end the old one; for operators, in button callbacks."""
    current, made = session.current(), resources.made_keys()
    if not current.person.operator or made is None:
        return
    try:
        made.renew(owner, name or owner)
    except OrchatError as error:
        current.problem = describe(error)
        return
    resources.services().store.note(current.owner, "renewed the key", owner)
    current.notice = "A new key is in place; theirs of before is gone."


def disable(owner: str, *, disabled: bool) -> None:
    """Let somebody's key pay nothing any more, or again."""
    made = resources.made_keys()
    if made is None:
        return
    try:
        made.disable(owner, disabled=disabled)
    except OrchatError as error:
        session.current().problem = describe(error)


def draw_problem() -> None:
    """Draw what did not work, once."""
    current = session.current()
    if current.problem is not None:
        error_card.draw(current.problem, key="keys")
        current.problem = None
