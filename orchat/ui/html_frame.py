"""HTML from a tool or a model, in a frame of opaque origin: it reaches neither orchat's page nor any server."""

from pathlib import Path

import streamlit as st

from orchat.ui import resources

_JS = Path(__file__).parent / "assets" / "html_frame.js"
_frame = st.components.v2.component("orchat_html_frame", html="<div></div>", js=_JS.read_text("utf-8"))


def draw(html: str, *, key: str) -> None:
    """Draw a page. Never by `st.iframe`, whose content has orchat's own origin."""
    _frame(key=f"html-{key}", data={"html": html, "address": resources.artifact_address}, height="content")
