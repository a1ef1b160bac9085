"""The keyring: people's own OpenRouter keys, encrypted in the database."""

from orchat.people.sealing import seal_of
from orchat.settings import Settings
from orchat.store import Store

OPENROUTER = "openrouter"


class Keyring:
    """Keeps one OpenRouter key for each owner; without a secret it keeps none."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._seal = seal_of(settings)

    @property
    def keeps(self) -> bool:
        """Whether a key can be kept."""
        return self._seal is not None

    def save(self, owner: str, key: str) -> None:
        """Keep a key, in place of an earlier one; without a secret nothing is kept."""
        if self._seal is not None:
            self._store.save_sealed(owner, OPENROUTER, self._seal.close(owner, key))

    def key(self, owner: str) -> str | None:
        """Return the key that is kept, None when there is none.

        Raises:
            SealError: it was sealed with a secret that is not known any more.
        """
        sealed = self._store.sealed(owner, OPENROUTER) if self._seal is not None else None
        return None if sealed is None or self._seal is None else self._seal.open(owner, sealed)

    def forget(self, owner: str) -> None:
        """Remove the key for good."""
        self._store.save_sealed(owner, OPENROUTER, None)
