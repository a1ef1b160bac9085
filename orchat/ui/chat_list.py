"""The list of chats in the sidebar: today, this week, older; open, rename, delete, undo."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import resources, session
from orchat.ui.wording import age_groups, plain

if TYPE_CHECKING:
    from orchat.store import Conversation

FIRST_SHOWN = 20
LIMIT = 500
RENAME, EXPORT, DELETE = "Rename", "Export", "Delete"


def draw() -> None:
    """Draw the newest chats of this visitor."""
    current, store = session.current(), resources.services().store
    _undo()
    chats = store.conversations(current.owner, limit=LIMIT if current.all_chats else FIRST_SHOWN + 1)
    shown = chats if current.all_chats else chats[:FIRST_SHOWN]
    headings = age_groups((chat.updated_at for chat in shown), session.local_now())
    with st.container(key="chats", gap=None):
        for heading, rows in groupby(zip(headings, shown, strict=True), key=lambda row: row[0]):
            st.caption(heading)
            for _, chat in rows:
                _row(chat)
        if len(chats) > len(shown):
            st.button("Show all chats", type="tertiary", key="all-chats", on_click=_show_all)
    if st.button("Import and export", type="tertiary", icon=":material/swap_vert:", key="archive"):
        from orchat.ui import archive_dialog

        archive_dialog.everything()


def _row(chat: Conversation) -> None:
    open_now = chat.id == session.current().conversation_id
    with st.container(horizontal=True, vertical_alignment="center", gap=None, wrap=False):
        st.button(
            plain(chat.title or "New chat"),
            key=f"open-{chat.id}",
            type="secondary" if open_now else "tertiary",
            width="stretch",
            on_click=session.open_chat,
            args=(chat.id, chat.kind),
            icon=":material/smart_toy:" if chat.kind == "agent" else None,
        )
        chosen = st.menu_button(
            "",
            [RENAME, EXPORT, DELETE],
            key=f"menu-{chat.id}",
            type="tertiary",
            icon=":material/more_horiz:",
            help="Rename, export or delete",
        )
    if chosen == RENAME:
        _rename(chat)
    elif chosen == EXPORT:
        from orchat.ui import archive_dialog

        archive_dialog.export_chat(chat)
    elif chosen == DELETE:
        _delete(chat)


@st.dialog("Rename chat")
def _rename(chat: Conversation) -> None:
    with st.form("rename", border=False):
        title = st.text_input("Title", value=chat.title, max_chars=120)
        if st.form_submit_button("Save", type="primary") and title.strip():
            resources.services().store.rename(chat.owner, chat.id, title.strip())
            st.rerun()


def _delete(chat: Conversation) -> None:
    services, current = resources.services(), session.current()
    run = services.runs.find(chat.owner, chat.id)
    if run is not None:
        run.stop()
    services.store.delete(chat.owner, chat.id)
    current.deleted = (chat.id, chat.title)
    if current.conversation_id == chat.id:
        session.new_chat()
    st.rerun()


def _undo() -> None:
    current = session.current()
    if current.deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Deleted “{plain(current.deleted[1])}”.")
        st.button("Undo", key="undo-delete", type="tertiary", on_click=_restore)


def _restore() -> None:
    current = session.current()
    if current.deleted is not None:
        resources.services().store.restore(current.owner, current.deleted[0])
        current.deleted = None


def _show_all() -> None:
    session.current().all_chats = True
