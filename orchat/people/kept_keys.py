"""Keys that are kept for somebody, whichever way they got them."""

import logging
from collections.abc import Iterator

from orchat.errors import SealError
from orchat.people.keyring import OPENROUTER
from orchat.people.made_keys import SEALED
from orchat.people.sealing import seal_of
from orchat.settings import Settings
from orchat.store import Store

log = logging.getLogger(__name__)


def kept_keys(settings: Settings, store: Store, owner: str) -> Iterator[str]:
    """Yield a person's own OpenRouter key, and the one that was made for them, as far as there are and can be read."""
    seal = seal_of(settings)
    if seal is None:
        return
    for name in (OPENROUTER, SEALED):
        if (sealed := store.sealed(owner, name)) is None:
            continue
        try:
            yield seal.open(owner, sealed)
        except SealError:
            log.warning("A key that is kept for somebody cannot be read: ORCHAT_SECRET is another one than then.")
