"""The word of a trusted proxy, handed on inside this process so that nobody outside can say it.

What stands before the pages (`orchat.hosting`) replaces the proxy's header by one that begins with a token that is made
anew in each process; the pages believe no other.
"""

import hmac
import secrets
from urllib.parse import quote, unquote

HEADER = "x-orchat-person"
USER_KEY = "orchat_person"
"""The name under which Streamlit hands the header on to the pages, in `st.user`."""
_TOKEN = secrets.token_urlsafe(32)


def vouch(name: str) -> str:
    """Return the header's value for a person whom the proxy names."""
    return f"{_TOKEN}:{quote(name, safe='')}"


def refuse(address: str, name: str) -> str:
    """Return the header's value for somebody who named themselves from an address that is no trusted proxy's."""
    return f"{_TOKEN}!{quote(address, safe='')}:{quote(name, safe='')}"


def refused(value: str | None) -> tuple[str, str] | None:
    """Return the address and the name that `refuse` was given, None when this process has not written it."""
    head, _, name = (value or "").partition(":")
    token, _, address = head.partition("!")
    known = address and hmac.compare_digest(token.encode(), _TOKEN.encode())
    return (unquote(address), unquote(name)) if known else None


def vouched(value: str | None) -> str | None:
    """Return the name that the header vouches for, None when this process has not written it."""
    token, _, name = (value or "").partition(":")
    return unquote(name) if hmac.compare_digest(token.encode(), _TOKEN.encode()) else None
