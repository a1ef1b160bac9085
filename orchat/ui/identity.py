"""What this browser tab says of who is there: the login's claims, or the word of a trusted proxy."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from orchat.people import proxy


def claims() -> Mapping[str, Any]:
    """Return the claims of the login, empty while nobody has logged in."""
    said: Mapping[str, Any] = st.user.to_dict()
    return said if said.get("is_logged_in") else {}


def vouched() -> str | None:
    """Return the name that the trusted proxy gives, None where there is none."""
    word = st.user.to_dict().get(proxy.USER_KEY)
    return proxy.vouched(word if isinstance(word, str) else None)


def fingerprint() -> str:
    """Return what tells one visitor from another: a session belongs to one of them only."""
    said = claims()
    return repr((said.get("iss"), said.get("sub"), vouched()))
