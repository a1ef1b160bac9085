"""What all visitors of this process share, made once."""

import gc

import streamlit as st

from orchat.services import Connection, Services
from orchat.settings import Settings
from orchat.ui import session


@st.cache_resource(show_spinner=False, on_release=Services.close)
def services() -> Services:
    """Return the services; they are started at the first call."""
    started = Services(Settings.load())
    started.settle_leftovers()
    # Streamlit collects garbage after every script run; what is alive now lives for ever and need not be looked at
    # again (measured: 38.7 ms CPU for an empty rerun, 3.4 ms with this).
    gc.collect()
    gc.freeze()
    return started


def connection() -> Connection:
    """Return this visitor's way to OpenRouter."""
    return services().connection(session.current().key)
