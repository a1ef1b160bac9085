"""“Connect OpenRouter”: to OpenRouter's page and back, with a key."""

from urllib.parse import urlsplit

import streamlit as st

from orchat.errors import OrchatError
from orchat.people import connecting
from orchat.ui import own_key, resources, session
from orchat.ui.wording import plain

CODE = "code"


def draw_button() -> None:
    """Draw the way to OpenRouter's page, which asks for the account and sends the browser back."""
    settings = resources.settings()
    here = urlsplit(st.context.url or "")
    back_to = settings.public_url or f"{here.scheme}://{here.netloc}"
    if not back_to.startswith("http"):
        return
    address = resources.on_the_way().begin(session.current().owner, f"{back_to.rstrip('/')}/")
    st.link_button("Connect OpenRouter", address, icon=":material/link:", type="primary", width="stretch")
    st.caption("OpenRouter asks you, and makes a key for orchat that you can limit or remove there.")


def come_back() -> None:
    """Take the code that OpenRouter has sent the browser back with, if it is this visitor's, and use its key."""
    state, code = st.query_params.get(connecting.PARAMETER), st.query_params.get(CODE)
    if not state:
        return
    for parameter in (connecting.PARAMETER, CODE):
        st.query_params.pop(parameter, None)
    current = session.current()
    verifier = resources.on_the_way().verifier(current.owner, state)
    if verifier is None or not code:
        current.notice = "OpenRouter was not connected: the way back has expired. Press *Connect OpenRouter* again."
        return
    try:
        own_key.use(resources.services().connections.exchange(code, verifier))
    except OrchatError as error:
        current.notice = plain(f"OpenRouter was not connected. {error.message}")
    else:
        current.notice = "OpenRouter is connected: your own key is in use."
