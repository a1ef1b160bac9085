"""Cells: the calls of a conversation that ran Python, and how they look to whoever asks for them."""

from orchat.store import Message
from orchat.wire import fields, words

RUN_PYTHON = "run_python"
"""The tool whose calls are cells."""


def code_of(message: Message) -> str | None:
    """Return the code of a cell, None for any other message."""
    if message.role != "tool" or message.wire.get("name") != RUN_PYTHON:
        return None
    return words(fields(fields(message.details).get("arguments")).get("code"))
