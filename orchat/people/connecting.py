"""“Connect OpenRouter”: a key by OAuth with PKCE, so that nobody has to paste one.

Source: https://openrouter.ai/docs/guides/overview/auth/oauth. OpenRouter knows no `state`: ours is part of the address
that it sends the browser back to.
"""

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

PARAMETER = "connect"
"""The parameter of the address that brings our state back; OpenRouter adds `code`."""
LASTS = 600.0
"""Seconds; OpenRouter's codes last as long."""
MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Connecting:
    """A way that somebody has set out on."""

    owner: str
    verifier: str
    until: float


class Connections:
    """Who is on the way to OpenRouter and back, kept by this process: a verifier never reaches the browser."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._authorize = f"{parts.scheme}://{parts.netloc}/auth"
        self._lock = threading.Lock()
        self._begun: dict[str, Connecting] = {}

    def begin(self, owner: str, back_to: str) -> str:
        """Return the address at OpenRouter that the person goes to; `back_to` is that of a page of ours."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        with self._lock:
            self._forget_old()
            self._begun[state] = Connecting(owner, verifier, time.monotonic() + LASTS)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "callback_url": f"{back_to}?{urlencode({PARAMETER: state})}",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._authorize}?{urlencode(query)}"

    def verifier(self, owner: str, state: str) -> str | None:
        """Return the verifier that belongs to a state, once; None if this owner has begun nothing with it."""
        with self._lock:
            self._forget_old()
            begun = self._begun.get(state)
            if begun is None or begun.owner != owner:
                return None
            return self._begun.pop(state).verifier

    def _forget_old(self) -> None:
        now = time.monotonic()
        for state in [state for state, begun in self._begun.items() if begun.until < now]:
            del self._begun[state]
        while len(self._begun) >= MOST_AT_ONCE:
            del self._begun[next(iter(self._begun))]
