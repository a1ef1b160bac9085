"""A script that does nothing but freeze, once, what is alive: Streamlit collects garbage after every run."""

import gc

import streamlit as st


@st.cache_resource(show_spinner=False)
def freeze() -> None:
    gc.collect()
    gc.freeze()


freeze()
