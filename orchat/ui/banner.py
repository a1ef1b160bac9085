"""The notice that an operator shows to everybody."""

import time

import streamlit as st

from orchat.errors import NotAdmittedError
from orchat.ui import resources, session
from orchat.ui.wording import plain

EVERYBODY = "@everybody"
"""Whose preference it is; no person has this name."""
NAME = "notice"
LONGEST = 500
READ_EVERY = 10.0
"""Seconds after which it is read again."""
_read: dict[int, tuple[float, str]] = {}


def text() -> str:
    """Return the notice, empty when there is none; what is shown may be some seconds old."""
    store = resources.services().store
    read_at, kept = _read.get(id(store), (-READ_EVERY, ""))
    if time.monotonic() - read_at >= READ_EVERY:
        kept = str(store.preference(EVERYBODY, NAME) or "")
        _read.clear()
        _read[id(store)] = (time.monotonic(), kept)
    return kept


def show(notice: str) -> None:
    """Show a notice from now on, none if it is empty; for operators.

    Raises:
        NotAdmittedError: whoever is here is none.
    """
    current, store = session.current(), resources.services().store
    if not current.person.operator:
        raise NotAdmittedError("Only operators write the notice.")
    # The limit of the page's field holds in the browser only.
    notice = notice.strip()[:LONGEST]
    store.save_preference(EVERYBODY, NAME, notice or None)
    store.note(current.owner, "changed the notice")
    _read.clear()


def draw() -> None:
    """Draw the notice."""
    if notice := text():
        st.info(plain(notice), icon=":material/campaign:")
