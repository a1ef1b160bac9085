"""Search in all chats: a dialog in which hits stand in their context, and which opens the chat at the hit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import dialogs, resources, session, window
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.store.search import Hit

MOST = 20
_scroll_to = st.components.v2.component(
    "orchat_scroll_to",
    html="<span hidden>\n</span>",
    js=(Path(__file__).parent / "assets" / "scroll_to.js").read_text("utf-8"),
)


def draw() -> None:
    """Draw the button, and go to the hit that was chosen."""
    st.button(
        "Search chats",
        icon=":material/search:",
        width="stretch",
        key="search",
        on_click=dialogs.show,
        args=("search",),
    )
    dialogs.draw("search", "Search chats", _search, width="medium")
    found = session.current().found
    if found is not None:
        message_id, visit = found
        _scroll_to(key="scroll-to", data={"message": _drawn_as(message_id), "visit": visit}, height="content")


def _drawn_as(message_id: str) -> str:
    """Return which message the page has it under: an answer stands under its last part."""
    # Here, since the first page of a new process searches for nothing and comes sooner without the database.
    from orchat.continuing import answers

    parts = ([message.id for message in answer] for answer in answers(session.current().branch))
    return next((ids[-1] for ids in parts if message_id in ids), message_id)


def _search(_about: str) -> None:
    wanted = st.text_input(
        "Words",
        type="search",
        placeholder="Words that were said, or their beginnings",
        label_visibility="collapsed",
        live=True,
        key="search-words",
    )
    if not wanted.strip():
        st.caption("Finds messages and titles in which all the words occur, the newest first.")
        return
    current = session.current()
    hits = resources.services().store.search(current.owner, wanted, limit=MOST + 1)
    if not hits:
        st.caption("Nothing was found. Fewer words, or only the beginning of one, find more.")
    for number, hit in enumerate(hits[:MOST]):
        _draw(hit, number)
    if len(hits) > MOST:
        st.caption("There is more. Another word narrows it down.")


def _draw(hit: Hit, number: int) -> None:
    with st.container(border=True, gap=None, key=f"hit-{number}"):
        archived = " · archived" if hit.archived else ""
        heading = f"**{plain(hit.title or 'New chat')}** · {_when(hit.at)}{archived}"
        icon = ":material/smart_toy:" if hit.kind == "agent" else ":material/chat:"
        st.button(heading, key=f"open-hit-{number}", type="tertiary", icon=icon, on_click=_open, args=(hit,))
        if hit.message_id:
            who = "You" if hit.role == "user" else "Answer"
            st.caption(f"{who}: {plain(hit.before)} **{plain(hit.found)}** {plain(hit.after)}")


def _open(hit: Hit) -> None:
    """Show the branch with the message, and the place where it is."""
    current, store = session.current(), resources.services().store
    current.found = None
    if hit.message_id:
        leaf = store.leaf_below(current.owner, hit.message_id)
        store.set_leaf(current.owner, hit.conversation_id, leaf)
        current.found = session.visit(hit.message_id)
        current.window = window.around(hit.conversation_id, hit.message_id)
    dialogs.close()
    session.open_chat(hit.conversation_id, hit.kind)


def _when(moment: datetime) -> str:
    now = session.local_now()
    there = moment.astimezone(now.tzinfo)
    return f"{there:%H:%M}" if there.date() == now.date() else f"{there.day} {there:%b %Y}"
