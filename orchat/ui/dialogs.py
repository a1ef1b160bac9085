"""Dialogs that stay open until they are closed, whatever draws the page anew meanwhile; one at a time.

What opens them is a callback and not the value that a button returns: that is lost when the page is drawn once more
before it is looked at, and the dialog with it.
"""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from orchat.ui import session
from orchat.ui.wording import plain


def show(name: str, about: str = "") -> None:
    """Open a dialog by its name; `about` is the id of what it is about. For button callbacks."""
    current = session.current()
    current.dialog, current.complaint = (name, about), None


def complain(said: str) -> None:
    """Say in the open dialog why something could not be done; for button callbacks."""
    session.current().complaint = said


def close() -> None:
    """Close the one that is open; for button callbacks."""
    session.current().dialog = None


def draw(
    name: str, title: str, body: Callable[[str], None], *, width: Literal["small", "medium", "large"] = "small"
) -> None:
    """Draw the dialog of this name, if it is open; `body` is given what it is about."""
    opened = session.current().dialog
    if opened is None or opened[0] != name:
        return

    def inside() -> None:
        if session.current().dialog != opened:
            # A callback has closed it.
            st.rerun()
        body(opened[1])
        if complaint := session.current().complaint:
            st.error(plain(complaint))

    st.dialog(title, on_dismiss=close, width=width)(inside)()
