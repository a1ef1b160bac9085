"""The code of a call while the model still writes it."""

import time

import streamlit as st
from pydantic_core import from_json

from orchat.ui import arguments
from orchat.wire import fields

REDRAWN_EVERY = 0.25
"""Seconds between two drawings of a block that grows; each sends all of it."""


class CodeDraft:
    """The arguments of one call as they arrive; if there is code among them, it is drawn, highlighted."""

    def __init__(self) -> None:
        self._place = st.empty()
        self._text = ""
        self._drawn = 0
        self._drawn_at = 0.0

    @property
    def open_length(self) -> int:
        """Characters that the next drawing sends again."""
        return min(len(self._text), arguments.SHOWN)

    def add(self, piece: str) -> None:
        """Take more of the arguments: a piece of JSON text."""
        self._text += piece

    def draw(self, *, complete: bool = False) -> None:
        """Draw what has come since the last time, if that is long enough ago."""
        due = complete or time.monotonic() - self._drawn_at >= REDRAWN_EVERY
        if not due or len(self._text) == self._drawn:
            return
        self._drawn, self._drawn_at = len(self._text), time.monotonic()
        if found := arguments.code_in(read(self._text)):
            code, language = found
            self._place.code(code[: arguments.SHOWN], language=language, wrap_lines=True)

    def remove(self) -> None:
        """Make room for the call itself."""
        self._place.empty()


def read(text: str) -> dict[str, object]:
    """Return what can be read of a JSON object that is not complete; nothing of what is none."""
    try:
        return dict(fields(from_json(text, allow_partial="trailing-strings")))
    except ValueError:
        return {}
