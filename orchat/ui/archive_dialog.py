"""Dialogs for taking conversations out and bringing them in."""

import re
from functools import partial

import streamlit as st

from orchat.archive import as_html, as_json, as_markdown, import_file
from orchat.errors import ImportFailedError, QuotaExceededError
from orchat.store import Conversation
from orchat.ui import resources, session
from orchat.ui.wording import plain

EVERY_CHAT = 1_000_000
LARGEST_IMPORT = 200
"""Megabytes."""
FORMATS = (
    ("Markdown", "md", "text/markdown", as_markdown, "To read and to paste: the versions that are shown"),
    ("Web page", "html", "text/html", as_html, "One file to show or print, which loads nothing"),
    ("JSON", "json", "application/json", as_json, "Everything, all versions, costs and files: can be imported again"),
)


@st.dialog("Export chat")
def export_chat(chat: Conversation) -> None:
    """Offer one conversation for download."""
    st.markdown(f"**{plain(chat.title or 'New chat')}**")
    _downloads([chat], _file_name(chat.title), "one")


@st.dialog("Import and export")
def everything() -> None:
    """Offer all conversations for download, and take in what other applications have exported."""
    current, store = session.current(), resources.services().store
    chats = store.conversations(current.owner, limit=EVERY_CHAT)
    st.markdown("**Import**")
    st.caption(
        "JSON that orchat has exported, `conversations.json` of ChatGPT or Claude (or the archive it came in), or a "
        "chat of OpenRouter's chatroom. Nothing that is here is changed."
    )
    given = st.file_uploader(
        "File", type=["json", "zip"], key="import-file", label_visibility="collapsed", max_upload_size=200
    )
    if given is not None and st.button("Import", type="primary", key="import", width="stretch"):
        try:
            resources.services().limits.check_quota(current.owner, given.size)
            with st.spinner("Reading…"):
                ids = import_file(store, current.owner, given.getvalue())
        except (ImportFailedError, QuotaExceededError) as error:
            st.error(plain(f"{error.message} {error.advice}"))
        else:
            current.notice = "1 chat was imported." if len(ids) == 1 else f"{len(ids)} chats were imported."
            current.open(ids[0])
            st.rerun()
    st.markdown("**Export**")
    if chats:
        st.caption("1 chat in one file." if len(chats) == 1 else f"All {len(chats)} chats in one file.")
        _downloads(chats, "orchat-chats", "all")
    else:
        st.caption("There is no chat to export yet.")


def _downloads(chats: list[Conversation], name: str, key: str) -> None:
    owner, store = session.current().owner, resources.services().store
    with st.container(horizontal=True):
        for label, ending, mime, written, explained in FORMATS:
            st.download_button(
                label,
                partial(written, store, owner, chats),
                file_name=f"{name}.{ending}",
                mime=mime,
                icon=":material/download:",
                help=explained,
                on_click="ignore",
                key=f"export-{key}-{ending}",
            )


def _file_name(title: str) -> str:
    words = re.findall(r"\w+", title)
    return "-".join(words)[:60].lower() or "chat"
