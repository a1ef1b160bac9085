"""Made keys: one upstream key for each person, with a limit, made when they first need one and sealed like all keys."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orchat.errors import KeyNotMadeError, OpenRouterError
from orchat.openrouter import OpenRouterClient
from orchat.people.sealing import Seal, secrets_of
from orchat.settings import Settings
from orchat.store import Store
from orchat.wire import fields

SEALED = "made"
"""The name under which the key itself is kept, encrypted."""
KNOWN = "made_key"
"""The preference that says what it is managed by at OpenRouter: no secret."""
RESETS = {"never": None}


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What is known of somebody's key without opening it.

    `limit` is US dollars, `hash` what OpenRouter manages it by.
    """

    hash: str
    limit: str
    reset: str
    disabled: bool = False


class MadeKeys:
    """Makes, keeps, disables and renews them. `manager` returns a client with the management key.

    Nobody gets two: where somebody comes to two replicas for the first time in the same second, each makes one, the
    first that is kept holds, and the other one is ended.
    """

    def __init__(self, settings: Settings, store: Store, manager: Callable[[], OpenRouterClient]) -> None:
        self._limit: Decimal = settings.key_limit
        self._reset: str = settings.key_limit_reset
        self._store = store
        self._seal = Seal(secrets_of(settings))
        self._manager = manager
        self._at_it: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def key(self, owner: str, name: str) -> str:
        """Return somebody's key; it is made if they have none, under `name` in OpenRouter's list.

        Raises:
            KeyNotMadeError: OpenRouter makes none.
            SealError: it was sealed with a secret that is not known any more.
        """
        with self._at_it[owner]:
            known = self.known(owner)
            sealed = self._store.sealed(owner, SEALED)
            if known is None:
                return self._first(owner, name)
            if sealed is None:
                return self._make(owner, name)
            if (known.limit, known.reset) != (str(self._limit), self._reset):
                self._change(owner, known, limit=float(self._limit), limit_reset=self._upstream_reset)
            return self._seal.open(owner, sealed)

    def known(self, owner: str) -> KnownKey | None:
        """Return what is known of somebody's key, None when they have none."""
        kept = fields(self._store.preference(owner, KNOWN))
        if not kept.get("hash"):
            return None
        return KnownKey(str(kept["hash"]), str(kept.get("limit")), str(kept.get("reset")), bool(kept.get("disabled")))

    def disable(self, owner: str, *, disabled: bool) -> None:
        """Let a key pay nothing any more, or again: when somebody is locked out, or let in. Raises KeyNotMadeError."""
        with self._at_it[owner]:
            if (known := self.known(owner)) is not None:
                self._change(owner, known, disabled=disabled)

    def renew(self, owner: str, name: str) -> None:
        """Make another key in place of somebody's, and end the old one. Raises KeyNotMadeError."""
        with self._at_it[owner]:
            known = self.known(owner)
            self._make(owner, name)
            if known is not None:
                self._end(known)

    def forget(self, owner: str) -> None:
        """End somebody's key for good. Raises KeyNotMadeError."""
        with self._at_it[owner]:
            if (known := self.known(owner)) is not None:
                self._end(known)
            self._store.save_sealed(owner, SEALED, None)
            self._store.save_preference(owner, KNOWN, None)

    @property
    def _upstream_reset(self) -> str | None:
        return RESETS.get(self._reset, self._reset)

    def _first(self, owner: str, name: str) -> str:
        """Make the first key of somebody, unless another replica is faster: then that one's is theirs."""
        known, key = self._made(name)
        sealed = self._seal.close(owner, key)
        if self._store.seal_first(owner, SEALED, sealed, beside=KNOWN, value=_said(known)):
            return key
        self._end(known)
        theirs = self._store.sealed(owner, SEALED)
        if theirs is None:
            raise KeyNotMadeError("Your key for OpenRouter was just taken away.", advice="Try again.")
        return self._seal.open(owner, theirs)

    def _make(self, owner: str, name: str) -> str:
        """Make a key in place of whatever there is."""
        known, key = self._made(name)
        self._note(owner, known)
        self._store.save_sealed(owner, SEALED, self._seal.close(owner, key))
        return key

    def _made(self, name: str) -> tuple[KnownKey, str]:
        made = self._asked(
            lambda: self._manager().create_key(f"orchat: {name}", limit=self._limit, limit_reset=self._upstream_reset)
        )
        if not made.key:
            raise KeyNotMadeError("OpenRouter has made a key and did not say it.")
        return KnownKey(made.hash, str(self._limit), self._reset), made.key

    def _change(self, owner: str, known: KnownKey, **changes: Any) -> None:
        self._asked(lambda: self._manager().update_key(known.hash, **changes))
        disabled = bool(changes.get("disabled", known.disabled))
        limit, reset = (str(self._limit), self._reset) if "limit" in changes else (known.limit, known.reset)
        self._note(owner, KnownKey(known.hash, limit, reset, disabled))

    def _end(self, known: KnownKey) -> None:
        try:
            self._asked(lambda: self._manager().delete_key(known.hash))
        except KeyNotMadeError as error:
            # Ended by hand on OpenRouter's own page: that is what was wanted.
            if getattr(error.__cause__, "status", None) != 404:
                raise

    def _note(self, owner: str, known: KnownKey) -> None:
        self._store.save_preference(owner, KNOWN, _said(known))

    @staticmethod
    def _asked(question: Callable[[], Any]) -> Any:
        try:
            return question()
        except OpenRouterError as error:
            raise KeyNotMadeError(f"Your key for OpenRouter cannot be managed: {error.message}") from error


def _said(known: KnownKey) -> dict[str, Any]:
    return {"hash": known.hash, "limit": known.limit, "reset": known.reset, "disabled": known.disabled}
