"""Keys that a management key has made: each with its own limit, until it is disabled or deleted."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from orchat.demo.account import is_management, require_key
from orchat.demo.errors import APIError

PREFIX = "sk-or-v1-made-"


@dataclass
class MadeKey:
    """One key; `used` is USD."""

    hash: str
    label: str
    name: str
    limit: float | None = None
    limit_reset: str | None = None
    disabled: bool = False
    used: float = 0.0
    created_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def to_json(self) -> dict[str, Any]:
        """Return it as the routes of the management API say it."""
        used = {f"usage{span}": self.used for span in ("", "_daily", "_weekly", "_monthly")}
        byok = {f"byok_usage{span}": 0 for span in ("", "_daily", "_weekly", "_monthly")}
        return {
            "hash": self.hash,
            "label": self.label,
            "name": self.name,
            "disabled": self.disabled,
            "limit": self.limit,
            "limit_remaining": self.left,
            "limit_reset": self.limit_reset,
            "include_byok_in_limit": False,
            "created_at": self.created_at,
            "updated_at": None,
            "expires_at": None,
            "creator_user_id": "user_demo",
            "workspace_id": None,
            **used,
            **byok,
        }

    @property
    def left(self) -> float | None:
        """What it may still spend, in USD."""
        return None if self.limit is None else max(0.0, self.limit - self.used)


class MadeKeys:
    """All keys that were made, by the hash of each; what a key is itself is said once and not kept."""

    def __init__(self) -> None:
        self._by_hash: dict[str, MadeKey] = {}

    def __iter__(self) -> Any:
        return iter(self._by_hash.values())

    def create(self, name: str, limit: float | None, limit_reset: str | None) -> tuple[str, MadeKey]:
        """Make one; returns the key itself too."""
        key = PREFIX + secrets.token_hex(24)
        made = MadeKey(_hash(key), f"{key[:12]}...{key[-3:]}", name, limit, limit_reset)
        self._by_hash[made.hash] = made
        return key, made

    def find(self, named: str) -> MadeKey:
        """Return one by its hash.

        Raises:
            APIError: 404, when there is none.
        """
        if named not in self._by_hash:
            raise APIError(404, "API key not found", "not_found")
        return self._by_hash[named]

    def delete(self, named: str) -> None:
        """End one; raises as `find`."""
        del self._by_hash[self.find(named).hash]

    def of(self, headers: Mapping[str, str]) -> MadeKey | None:
        """Return the made key that a request comes with; None if its key is another one.

        Raises:
            APIError: 401 without a key, or with one that is disabled or gone.
        """
        key = require_key(headers)
        if not key.startswith(PREFIX) or is_management(key):
            return None
        made = self._by_hash.get(_hash(key))
        if made is None:
            raise APIError(401, "User not found.", "authentication")
        if made.disabled:
            raise APIError(401, "API key is disabled.", "authentication")
        return made

    def admit(self, headers: Mapping[str, str]) -> MadeKey | None:
        """Let a request through that costs money; raises as `of`, and 403 when the key has spent its limit."""
        made = self.of(headers)
        if made is not None and made.left == 0:
            kind = f"{made.limit_reset} limit" if made.limit_reset else "total limit"
            message = f"Key limit exceeded ({kind}). Manage it using https://openrouter.ai/settings/keys"
            raise APIError(403, message, "permission_denied", metadata={"limit_source": "openrouter_key_limit"})
        return made


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
