"""What Streamlit does not have: following the end of an answer, copying a message, and a few lines of style."""

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent / "assets"

_follow_end = st.components.v2.component(
    "orchat_follow_end", html="<span hidden>\n</span>", js=(_FOLDER / "follow_end.js").read_text("utf-8")
)
_copy = st.components.v2.component(
    "orchat_copy",
    html=(_FOLDER / "copy.html").read_text("utf-8"),
    css=(_FOLDER / "copy.css").read_text("utf-8"),
    js=(_FOLDER / "copy.js").read_text("utf-8"),
)


_warn_on_leave = st.components.v2.component(
    "orchat_warn_on_leave",
    html="<span hidden>\n</span>",
    js=(_FOLDER / "warn_on_leave.js").read_text("utf-8"),
)


def style() -> None:
    """Add the style sheet."""
    st.html(_FOLDER / "style.css")


def follow_end(turn: int) -> None:
    """Keep the end of a growing page in view until the reader scrolls up; go to the end when `turn` changes."""
    _follow_end(key="follow-end", data={"turn": turn}, height="content")


def warn_on_leave() -> None:
    """Let the browser ask before the page is left or loaded anew, as long as this is drawn."""
    _warn_on_leave(key="warn-on-leave", height="content")


def copy_button(text: str, *, key: str) -> None:
    """Draw a button that copies `text` to the clipboard."""
    _copy(key=key, data={"text": text}, width="content", height="content")
