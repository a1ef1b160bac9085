"""Streamlit's lock on its options: nobody waits for it once the server runs.

Streamlit takes it for each option that it reads, a hundred times for a page, and has no way to read one without it.
Where many pages are drawn at once, whoever is given the lock has to wait for the interpreter, and whoever has the
interpreter waits for the lock: with a hundred people everything stood still for up to seven seconds, answers on their
way too (benchmarks/load.py).
"""

from contextlib import nullcontext

from streamlit import config

LOCK = "_config_lock"


def open_to_readers() -> None:
    """Let options be read without waiting: nothing in orchat changes one after the start."""
    if hasattr(config, LOCK):
        setattr(config, LOCK, nullcontext())
