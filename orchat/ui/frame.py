"""The frame of every page: title, navigation, sidebar, and the one place where errors become text."""

import logging
import threading
from uuid import uuid4

import streamlit as st

from orchat.errors import OrchatError
from orchat.logs import PAGE
from orchat.people import LOCAL
from orchat.ui import (
    banner,
    chat_page,
    components,
    connecting,
    entrance,
    error_card,
    key_dialog,
    resources,
    session,
    sidebar,
)
from orchat.ui.conversation_page import ConversationPage

log = logging.getLogger(__name__)
_running = threading.local()
TITLE = "orchat"
SIDEBAR_WIDTH = 330


def run() -> None:
    """Draw the page that the address names."""
    # Stays until the next drawing on this thread: Streamlit logs there what nobody has caught.
    PAGE.set(uuid4().hex)
    operator = _runs_it()
    page = _navigation(operator=operator)
    log.debug("Drawing the page %r", page.url_path)
    components.style()
    _running.entry = True
    try:
        with error_card.shown():
            let_in = entrance.enter()
            if _runs_it() != operator:
                # The navigation is drawn before anybody is let in or turned away.
                st.rerun()
            if not let_in:
                return
            conversations = _conversations(page)
            _go_where_wanted(conversations)
            if conversations:
                # First of all, so that one can write while the rest of a new process is loaded.
                conversations.draw_box()
            resources.services()
            if session.current().to_chat:
                session.current().to_chat = False
                st.switch_page(_chat())
            banner.draw()
            connecting.come_back()
            if conversations:
                conversations.prepare()
                # The address may name a chat of the other page.
                _go_where_wanted(conversations)
            chats = sidebar.draw()
            if conversations:
                try:
                    conversations.act()
                except OrchatError:
                    sidebar.draw_chats(chats)
                    raise
            sidebar.draw_chats(chats)
            if session.current().preview:
                from orchat.ui import preview

                # Before the page: that may follow an answer for minutes.
                preview.draw()
            page.run()
        # After the page, and after an error too: a key that is refused is mended here.
        key_dialog.draw_if_wanted()
    finally:
        _running.entry = session.current().drawing = False


def entered() -> bool:
    """Whether the page runs inside the frame.

    In a fresh process Streamlit runs a file in `pages/` by itself when its address is opened first; declaring the
    navigation ends that, and the run that is asked for here goes through the entry.
    """
    if getattr(_running, "entry", False):
        return True
    _navigation(operator=False)
    return st.rerun()


def _conversations(page: st.Page) -> ConversationPage | None:
    """Return the page if it is one with conversations."""
    if page.url_path == "":
        return chat_page.PAGE
    if page.url_path == "agent":
        from orchat.ui import agent_page

        return agent_page.PAGE
    return None


def _go_where_wanted(here: ConversationPage | None) -> None:
    """Go to the page of the chat that was chosen, if this is another one."""
    wanted = session.current().wanted_kind
    if wanted is not None and (here is None or here.kind != wanted):
        st.switch_page("pages/agent.py" if wanted == "agent" else _chat())


def _chat() -> st.Page:
    return st.Page(chat_page.PAGE.draw, title="Chat", icon=":material/chat:", url_path="chat", default=True)


def _runs_it() -> bool:
    """Whether an operator is here, among others: who is alone needs no page for that."""
    person = session.current().person
    return person.operator and person != LOCAL


def _navigation(*, operator: bool) -> st.Page:
    # An emoji: for a Material icon, a page's own included, every browser would ask a foreign host for the favicon.
    st.set_page_config(page_title=TITLE, page_icon="💬", layout="centered", initial_sidebar_state=SIDEBAR_WIDTH)
    return st.navigation(
        [
            _chat(),
            st.Page("pages/agent.py", title="Agent", icon=":material/smart_toy:"),
            st.Page("pages/files.py", title="Files", icon=":material/folder:"),
            st.Page("pages/models.py", title="Models", icon=":material/view_list:"),
            st.Page("pages/usage.py", title="Usage", icon=":material/bar_chart:"),
            st.Page(
                "pages/admin.py",
                title="Administration",
                icon=":material/admin_panel_settings:",
                visibility="visible" if operator else "hidden",
            ),
        ]
    )
