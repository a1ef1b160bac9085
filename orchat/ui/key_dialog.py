"""The dialog in which a visitor enters an OpenRouter key."""

import streamlit as st

from orchat.errors import OrchatError
from orchat.ui import connecting, dialogs, own_key, resources, session
from orchat.ui.wording import money, plain

KEY = "own-key"


def ask_for_it() -> None:
    """Open the dialog; for button callbacks."""
    dialogs.show("key")


def draw_if_wanted() -> None:
    """Draw the dialog, if it is open."""
    dialogs.draw("key", "Use your OpenRouter key", _draw)


def _draw(_about: str) -> None:
    keeps = resources.keyring().keeps
    connecting.draw_button()
    kept = (
        "Yours is kept encrypted, for you only"
        if keeps
        else "Yours is kept in this tab's session only: it is not stored"
    )
    gone = "until you say *Forget my key*." if keeps else "and it is gone after a reload."
    st.markdown(
        "Keys are made at [openrouter.ai/settings/keys](https://openrouter.ai/settings/keys). "
        f"{kept}, never logged or shared, {gone}"
    )
    with st.form("key-form", border=False):
        st.text_input("API key", type="password", placeholder="sk-or-v1-…", autocomplete="off", key=KEY)
        st.form_submit_button("Check and use", type="primary", width="stretch", on_click=_enter)
    current = session.current()
    entered, current.key_entered = current.key_entered, None
    if entered is not None:
        _check(entered)


def _enter() -> None:
    session.current().key_entered = str(session.widget_value(KEY) or "").strip()


def _check(key: str) -> None:
    """Ask OpenRouter about a key, and use it if there is nothing against it."""
    if not key:
        st.error("Paste a key first.")
        return
    try:
        with st.spinner("Asking OpenRouter about this key…"):
            account = resources.services().check_key(key)
    except OrchatError as error:
        st.error(plain(f"{error.message} {error.advice}"))
        return
    own_key.use(key)
    left = f": {money(account.left)} {account.meaning}" if account.left is not None else ""
    session.current().notice = plain(f"Your key is in use{left}.")
    dialogs.close()
    st.rerun()
