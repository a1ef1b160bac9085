"""A visitor's own key: in use for this tab, and encrypted in the keyring where keys are kept."""

import time

from orchat.errors import KeyNotMadeError, OrchatError
from orchat.turn import describe
from orchat.ui import resources, session

TRIED_AGAIN_AFTER = 30.0
"""Seconds until OpenRouter is asked again for a key that it has not made."""


def use(key: str) -> None:
    """Use a key that OpenRouter has accepted, and keep it where keys are kept."""
    current, keyring = session.current(), resources.keyring()
    current.key, current.key_is_made = key, False
    if keyring.keeps:
        keyring.save(current.owner, key)
        resources.services().store.note(current.owner, "kept a key of their own")


def forget() -> None:
    """Go back to the server's key, or to simulated replies; for button callbacks."""
    current, keyring = session.current(), resources.keyring()
    current.key, current.key_looked_up = None, False
    if keyring.keeps:
        keyring.forget(current.owner)
        resources.services().store.note(current.owner, "forgot their key")


def take() -> None:
    """Take the key that is kept, once in a session; where keys are made for people, one that is."""
    current = session.current()
    if current.key is not None or current.key_looked_up:
        return
    if time.monotonic() < current.key_again_at:
        return
    current.key_looked_up = True
    try:
        current.key = resources.keyring().key(current.owner)
        if current.key is None:
            _take_made()
    except KeyNotMadeError as error:
        current.problem = describe(error)
        current.key_looked_up, current.key_again_at = False, time.monotonic() + TRIED_AGAIN_AFTER
    except OrchatError as error:
        current.notice = f"{error.message} {error.advice}"


def _take_made() -> None:
    resources.services()
    made, current = resources.made_keys(), session.current()
    if made is None:
        return
    had_one = made.known(current.owner) is not None
    current.key = made.key(current.owner, current.person.name or current.owner)
    current.key_is_made = True
    if not had_one:
        resources.services().store.note(current.owner, "was given a key of their own")
