"""Dialogs for taking conversations out and bringing them in."""

import re
from functools import partial

import streamlit as st

from orchat.archive import as_html, as_json, as_markdown, import_file
from orchat.archive.importing import MOST_UNPACKED
from orchat.errors import ImportFailedError, QuotaExceededError
from orchat.store import Conversation
from orchat.ui import dialogs, resources, session
from orchat.ui.intents import Removed
from orchat.ui.wording import plain

EVERY_CHAT = 1_000_000
FILE, WHICH = "import-file", "delete-which"
FORMATS = (
    ("Markdown", "md", "text/markdown", as_markdown, "To read and to paste: the versions that are shown"),
    ("Web page", "html", "text/html", as_html, "One file to show or print, which loads nothing"),
    ("JSON", "json", "application/json", as_json, "Everything, all versions, costs and files: can be imported again"),
)


EVERY, ARCHIVED = "All chats", "Archived chats"
"""What can be deleted at once, beside the chats of a tag."""


def export_chat(chat_id: str) -> None:
    """Offer one conversation for download."""
    chat = resources.services().store.conversation(session.current().owner, chat_id)
    st.markdown(f"**{plain(chat.title or 'New chat')}**")
    _downloads([chat], _file_name(chat.title), "one")


def everything() -> None:
    """Offer all conversations for download, take in what other applications have exported, and delete many at once."""
    chats = _chats(EVERY)
    st.markdown("**Import**")
    st.caption(
        "JSON that orchat has exported, `conversations.json` of ChatGPT or Claude (or the archive it came in), or a "
        "chat of OpenRouter's chatroom. Nothing that is here is changed."
    )
    given = st.file_uploader(
        "File", type=["json", "zip"], key=FILE, label_visibility="collapsed", max_upload_size=MOST_UNPACKED // 1_000_000
    )
    if given is not None:
        st.button("Import", type="primary", key="import", width="stretch", on_click=_import)
    st.markdown("**Export**")
    if not chats:
        st.caption("There is no chat to export yet.")
        return
    st.caption("1 chat in one file." if len(chats) == 1 else f"All {len(chats)} chats in one file.")
    _downloads(chats, "orchat-chats", "all")
    st.markdown("**Delete**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tags = resources.services().store.every_tag(session.current().owner)
        which = st.selectbox("Chats to delete", [EVERY, ARCHIVED, *map(_of_tag, tags)], key=WHICH)
        doomed = _chats(which)
        st.button(
            f"Delete {len(doomed)} {'chat' if len(doomed) == 1 else 'chats'}",
            key="delete-many",
            icon=":material/delete:",
            disabled=not doomed,
            on_click=_delete,
            args=(tuple(chat.id for chat in doomed),),
        )
    st.caption("It can be undone from the sidebar, until you open another chat.")


def _of_tag(tag: str) -> str:
    return f"Tag: {tag}"


def _chats(which: str) -> list[Conversation]:
    owner, store = session.current().owner, resources.services().store
    if which == ARCHIVED:
        return store.conversations(owner, limit=EVERY_CHAT, archived=True)
    tag = None if which == EVERY else which.removeprefix(_of_tag(""))
    return store.conversations(owner, limit=EVERY_CHAT, archived=None, tag=tag)


def _import() -> None:
    given = session.widget_value(FILE)
    if given is None:
        return
    current, services = session.current(), resources.services()
    room = partial(services.limits.check_quota, current.owner)
    try:
        ids = import_file(services.store, current.owner, given.getvalue(), check_room=room)
    except (ImportFailedError, QuotaExceededError) as error:
        dialogs.complain(f"{error.message} {error.advice}")
    else:
        current.notice = "1 chat was imported." if len(ids) == 1 else f"{len(ids)} chats were imported."
        chat = resources.services().store.conversation(current.owner, ids[0])
        dialogs.close()
        session.open_chat(chat.id, chat.kind)


def _delete(ids: tuple[str, ...]) -> None:
    current, services = session.current(), resources.services()
    for conversation_id in ids:
        if run := services.runs.find(current.owner, conversation_id):
            run.stop()
        services.store.delete(current.owner, conversation_id)
    if current.conversation_id in ids:
        current.open(None)
    current.removed = Removed(f"Deleted {len(ids)} {'chat' if len(ids) == 1 else 'chats'}.", ids)
    dialogs.close()


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
