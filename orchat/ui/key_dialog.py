"""The dialog in which a visitor enters an OpenRouter key."""

import streamlit as st

from orchat.errors import OrchatError
from orchat.ui import connecting, own_key, resources, session
from orchat.ui.wording import money, plain


def ask_for_it() -> None:
    """Open the dialog at the next run; for button callbacks."""
    session.current().key_wanted = True


def draw_if_wanted() -> None:
    """Open the dialog when a click asked for it."""
    current = session.current()
    if current.key_wanted:
        current.key_wanted = False
        _dialog()


@st.dialog("Use your OpenRouter key")
def _dialog() -> None:
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
        key = st.text_input("API key", type="password", placeholder="sk-or-v1-…", autocomplete="off")
        entered = st.form_submit_button("Check and use", type="primary", width="stretch")
    if not entered:
        return
    if not key.strip():
        st.error("Paste a key first.")
        return
    try:
        with st.spinner("Asking OpenRouter about this key…"):
            account = resources.services().check_key(key.strip())
    except OrchatError as error:
        st.error(plain(f"{error.message} {error.advice}"))
        return
    current = session.current()
    own_key.use(key.strip())
    left = f": {money(account.left)} {account.meaning}" if account.left is not None else ""
    current.notice = plain(f"Your key is in use{left}.")
    st.rerun()
