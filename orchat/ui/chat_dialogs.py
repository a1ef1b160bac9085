"""Dialogs about one chat of the list: its title, its tags."""

import streamlit as st

from orchat.ui import dialogs, resources, session
from orchat.ui.wording import plain

TITLE, TAGS = "rename-title", "tags-chosen"


def rename(chat_id: str) -> None:
    """Draw the dialog that gives a chat another title."""
    chat = resources.services().store.conversation(session.current().owner, chat_id)
    with st.form("rename", border=False):
        st.text_input("Title", value=chat.title, max_chars=120, key=TITLE)
        st.form_submit_button("Save", type="primary", on_click=_rename, args=(chat_id,))


def _rename(chat_id: str) -> None:
    title = str(session.widget_value(TITLE) or "").strip()
    if title:
        resources.services().store.rename(session.current().owner, chat_id, title)
        dialogs.close()


def tags(chat_id: str) -> None:
    """Draw the dialog that gives a chat its tags."""
    # Here, since it loads the database, and the page comes sooner without.
    from orchat.store.organising import LONGEST_TAG, MOST_TAGS

    owner, store = session.current().owner, resources.services().store
    st.markdown(f"**{plain(store.conversation(owner, chat_id).title or 'New chat')}**")
    st.multiselect(
        "Tags",
        list(store.every_tag(owner)),
        default=store.tags(owner, chat_id),
        key=f"{TAGS}-{chat_id}",
        accept_new_options=True,
        max_selections=MOST_TAGS,
        placeholder="Choose tags, or write a new one",
        label_visibility="collapsed",
        on_change=_tag,
        args=(chat_id,),
    )
    st.caption(f"A chat may have several, of at most {LONGEST_TAG} characters each. They are kept as you choose them.")


def _tag(chat_id: str) -> None:
    chosen = session.widget_value(f"{TAGS}-{chat_id}") or []
    resources.services().store.set_tags(session.current().owner, chat_id, map(str, chosen))
