"""What this browser tab says of who is there: the login's claims, or the word of a trusted proxy."""

import threading
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from orchat.people import proxy

_known = threading.local()
"""What was found out last on this thread, and about whom."""


def claims() -> Mapping[str, Any]:
    """Return the claims of the login, empty while nobody has logged in."""
    said: Mapping[str, Any] = st.user.to_dict()
    return said if said.get("is_logged_in") else {}


def vouched() -> str | None:
    """Return the name that the trusted proxy gives, None where there is none."""
    return proxy.vouched(_word())


def refused() -> tuple[str, str] | None:
    """Return the address and the name of somebody who poses as the trusted proxy, None where nobody does."""
    return proxy.refused(_word())


def _word() -> str | None:
    word = st.user.to_dict().get(proxy.USER_KEY)
    return word if isinstance(word, str) else None


def fingerprint() -> str:
    """Return what tells one visitor from another: a session belongs to one of them only."""
    # Asked for a hundred times in a script run, and Streamlit looks for its secrets on the disk each time that it is
    # asked who is there. What it answers depends on nothing but this.
    context = get_script_run_ctx(suppress_warning=True)
    info = dict(context.user_info) if context else {}
    known = getattr(_known, "of", None)
    if known is None or known[0] != info:
        said = claims()
        known = _known.of = info, repr((said.get("iss"), said.get("sub"), vouched()))
    return str(known[1])
