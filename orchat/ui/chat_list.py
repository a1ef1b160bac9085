"""The list of chats in the sidebar: pinned ones, today, this week, older; of a tag, or archived ones; and its menu."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import chat_dialogs, dialogs, resources, session
from orchat.ui.intents import Removed
from orchat.ui.wording import age_groups, plain

if TYPE_CHECKING:
    from orchat.store import Conversation, Overview
    from orchat.ui.tab import Session

FIRST_SHOWN = 20
LIMIT = 500
TAG = "chats-tag"
RENAME, PIN, UNPIN, TAGS, ARCHIVE, UNARCHIVE = "Rename", "Pin", "Unpin", "Tags", "Archive", "Bring back"
EXPORT, DELETE = "Export", "Delete"


def draw() -> None:
    """Draw the newest chats of this visitor."""
    current = session.current()
    _undo()
    if current.archive:
        _archive()
        return
    seen = _seen(current)
    _tag(seen)
    pinned, chats = seen.pinned, seen.others
    shown = chats if current.all_chats else chats[:FIRST_SHOWN]
    headings = ["Pinned"] * len(pinned) + age_groups((chat.updated_at for chat in shown), session.local_now())
    with st.container(key="chats", gap=None):
        for heading, rows in groupby(zip(headings, [*pinned, *shown], strict=True), key=lambda row: row[0]):
            st.caption(heading)
            for _, chat in rows:
                _row(chat)
        if len(chats) > len(shown):
            st.button("Show all chats", type="tertiary", key="all-chats", on_click=_show_all)
    if seen.archived:
        st.button("Archived chats", type="tertiary", icon=":material/archive:", key="archived", on_click=_switch)
    st.button(
        "Import and export",
        type="tertiary",
        icon=":material/swap_vert:",
        key="archive",
        on_click=dialogs.show,
        args=("archive",),
    )
    _dialogs()


def _archive() -> None:
    """Draw the archived chats in place of the others."""
    current = session.current()
    chats = resources.services().store.conversations(current.owner, limit=LIMIT, archived=True)
    st.button("Back to the chats", type="tertiary", icon=":material/arrow_back:", key="archived", on_click=_switch)
    with st.container(key="chats", gap=None):
        st.caption("Archived")
        for chat in chats:
            _row(chat)
    if not chats:
        st.caption("Nothing is archived.")
    _dialogs()


def _dialogs() -> None:
    dialogs.draw("rename", "Rename chat", chat_dialogs.rename)
    dialogs.draw("tags", "Tags", chat_dialogs.tags)
    dialogs.draw("export", "Export chat", _export)
    dialogs.draw("archive", "All chats", _everything)


def _export(chat_id: str) -> None:
    # Here, since most people take nothing out, and the page comes sooner without it.
    from orchat.ui import archive_dialog

    archive_dialog.export_chat(chat_id)


def _everything(_about: str) -> None:
    from orchat.ui import archive_dialog

    archive_dialog.everything()


def _seen(current: Session) -> Overview:
    """Read the chats that the list shows: those of the chosen tag, unless it is in use no more."""
    store, tag = resources.services().store, session.widget_value(TAG)
    most = LIMIT if current.all_chats else FIRST_SHOWN + 1
    seen = store.overview(current.owner, most=most, most_pinned=LIMIT, tag=tag)
    if tag is None or tag in seen.tags:
        return seen
    session.set_widget(TAG, value=None)
    return store.overview(current.owner, most=most, most_pinned=LIMIT)


def _tag(seen: Overview) -> None:
    """Draw the choice of a tag, where there are any."""
    if not seen.tags:
        return
    st.selectbox(
        "Tag",
        list(seen.tags),
        index=None,
        key=TAG,
        placeholder="All tags",
        persist_state="session",
        label_visibility="collapsed",
        icon=":material/label:",
    )


def _row(chat: Conversation) -> None:
    open_now = chat.id == session.current().conversation_id
    key = f"menu-{chat.id}"
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
        st.menu_button(
            "More for this chat",
            [
                RENAME,
                UNPIN if chat.pinned_at else PIN,
                TAGS,
                UNARCHIVE if chat.archived_at else ARCHIVE,
                EXPORT,
                DELETE,
            ],
            key=key,
            type="tertiary",
            icon=":material/more_horiz:",
            help="Rename, pin, tag, archive, export or delete",
            on_click=_chosen,
            args=(key, chat),
        )


def _chosen(key: str, chat: Conversation) -> None:
    """Do what was chosen of a chat's menu."""
    store = resources.services().store
    match session.widget_value(key):
        case "Rename" | "Tags" | "Export" as name:
            dialogs.show(name.lower(), chat.id)
        case "Pin" | "Unpin" as name:
            store.set_pinned(chat.owner, chat.id, pinned=name == PIN)
        case "Archive":
            store.set_archived(chat.owner, chat.id, archived=True)
            _let_go(chat, "Archived", archived=True)
        case "Bring back":
            store.set_archived(chat.owner, chat.id, archived=False)
        case "Delete":
            run = resources.services().runs.find(chat.owner, chat.id)
            if run is not None:
                run.stop()
            store.delete(chat.owner, chat.id)
            _let_go(chat, "Deleted", archived=False)


def _let_go(chat: Conversation, done: str, *, archived: bool) -> None:
    current = session.current()
    current.removed = Removed(f"{done} “{chat.title or 'New chat'}”.", (chat.id,), archived)
    if current.conversation_id == chat.id:
        current.open(None)


def _undo() -> None:
    current = session.current()
    if current.removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(current.removed.said))
        st.button("Undo", key="undo-delete", type="tertiary", on_click=_bring_back)


def _bring_back() -> None:
    current, store = session.current(), resources.services().store
    removed, current.removed = current.removed, None
    for conversation_id in removed.conversation_ids if removed else ():
        if removed and removed.archived:
            store.set_archived(current.owner, conversation_id, archived=False)
        else:
            store.restore(current.owner, conversation_id)


def _switch() -> None:
    current = session.current()
    current.archive = not current.archive


def _show_all() -> None:
    session.current().all_chats = True
