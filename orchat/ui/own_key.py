"""A visitor's own key: in use for this tab, and encrypted in the keyring where keys are kept."""

from orchat.errors import OrchatError
from orchat.ui import resources, session


def use(key: str) -> None:
    """Use a key that OpenRouter has accepted, and keep it where keys are kept."""
    current, keyring = session.current(), resources.keyring()
    current.key = key
    if keyring.keeps:
        keyring.save(current.owner, key)
        resources.services().store.note(current.owner, "kept a key of their own")


def forget() -> None:
    """Go back to the server's key, or to simulated replies; for button callbacks."""
    current, keyring = session.current(), resources.keyring()
    current.key = None
    if keyring.keeps:
        keyring.forget(current.owner)
        resources.services().store.note(current.owner, "forgot their key")


def take() -> None:
    """Take the key that is kept, once in a session."""
    current = session.current()
    if current.key is not None or current.key_looked_up:
        return
    current.key_looked_up = True
    try:
        current.key = resources.keyring().key(current.owner)
    except OrchatError as error:
        current.notice = f"{error.message} {error.advice}"
