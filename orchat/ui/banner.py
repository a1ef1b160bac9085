"""The notice that an operator shows to everybody."""

import streamlit as st

from orchat.ui import resources
from orchat.ui.wording import plain


def draw() -> None:
    """Draw the notice."""
    if notice := resources.services().settings.notice:
        st.info(plain(notice), icon=":material/campaign:")
