"""The frame of every page: title, navigation, sidebar, and the one place where errors become text."""

import threading

import streamlit as st

from orchat.ui import chat_page, components, error_card, key_dialog, resources, sidebar

_running = threading.local()
TITLE = "orchat"
SIDEBAR_WIDTH = 330


def run() -> None:
    """Draw the page that the address names."""
    page = _navigation()
    components.style()
    _running.entry = True
    try:
        with error_card.shown():
            resources.services()
            if page.url_path == "":
                chat_page.prepare()
            sidebar.draw()
            page.run()
        # After the page, and after an error too: a key that is refused is mended here.
        key_dialog.draw_if_wanted()
    finally:
        _running.entry = False


def entered() -> bool:
    """Whether the page runs inside the frame.

    In a fresh process Streamlit runs a file in `pages/` by itself when its address is opened first; declaring the
    navigation ends that, and the run that is asked for here goes through the entry.
    """
    if getattr(_running, "entry", False):
        return True
    _navigation()
    return st.rerun()


def _navigation() -> st.Page:
    # An emoji: for a Material icon, a page's own included, every browser would ask a foreign host for the favicon.
    st.set_page_config(page_title=TITLE, page_icon="💬", layout="centered", initial_sidebar_state=SIDEBAR_WIDTH)
    return st.navigation(
        [
            st.Page(chat_page.draw, title="Chat", icon=":material/chat:", default=True),
            st.Page("pages/models.py", title="Models", icon=":material/view_list:"),
        ]
    )
