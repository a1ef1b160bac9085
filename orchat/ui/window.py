"""The window: of a long chat the last part is read and drawn, earlier ones when somebody wants to see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import resources, session
from orchat.ui.intents import SHOWN, Window

if TYPE_CHECKING:
    from orchat.services import Services
    from orchat.store import Message
    from orchat.ui.tab import Session

AFTER_A_HIT = 12
"""Messages that are drawn after one that a search has found, far from the end."""


def read(current: Session, services: Services) -> None:
    """Read the messages of the open chat that are drawn, what else follows them, and what the person thinks of them."""
    assert current.conversation_id is not None
    seen = current.window
    part = services.chats.branch_part(current.owner, current.conversation_id, seen.most, seen.last_id)
    current.branch = _from_a_question(part.messages) if part.earlier else part.messages
    current.earlier, current.later = part.earlier, part.later
    current.below, current.ratings = part.below, part.ratings


def _from_a_question(messages: list[Message]) -> list[Message]:
    """Leave out the rest of a turn whose beginning is not there."""
    asked = (at for at, message in enumerate(messages) if message.role == "user" and not message.is_instruction)
    return messages[next(asked, 0) :]


def at_the_end(current: Session) -> list[Message]:
    """Return the last messages of the open chat, also where an earlier part of it is drawn: what is said goes there."""
    if not current.later or current.conversation_id is None:
        return current.branch
    return resources.services().store.branch_part(current.owner, current.conversation_id, most=SHOWN).messages


def around(conversation_id: str, message_id: str) -> Window:
    """Return the part of a chat that shows a message of the branch which is shown."""
    path = resources.services().store.path(session.current().owner, conversation_id)
    at = path.index(message_id)
    if len(path) - at < SHOWN:
        return Window(conversation_id)
    return Window(conversation_id, last_id=path[at + AFTER_A_HIT])


def draw_earlier() -> None:
    """Offer the part before."""
    if session.current().earlier:
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button("Show earlier", key="earlier", icon=":material/expand_less:", type="tertiary", on_click=_earlier)


def draw_later() -> None:
    """Offer the end, where another part is drawn."""
    if session.current().later:
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button("Go to the end", key="later", icon=":material/vertical_align_bottom:", on_click=_end)


def _earlier() -> None:
    current = session.current()
    current.window = replace(current.window, conversation_id=current.conversation_id, most=current.window.most + SHOWN)
    if current.branch:
        # The reader stays where they were, and has the earlier ones above.
        current.found = session.visit(current.branch[0].id)


def _end() -> None:
    current = session.current()
    current.window = Window(current.conversation_id)
    current.turn += 1
