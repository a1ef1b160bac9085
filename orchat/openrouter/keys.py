"""Keys that a management key makes: one for each person, with a limit.

Source: https://openrouter.ai/docs/guides/overview/auth/management-api-keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from orchat.errors import MalformedResponseError
from orchat.openrouter.request import Request
from orchat.usage import decimal
from orchat.wire import JSON, fields, words


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was made. `hash` is what it is managed by, and no secret; amounts are USD."""

    hash: str
    name: str
    limit: Decimal | None = None
    limit_reset: str | None = None
    usage: Decimal | None = None
    disabled: bool = False
    key: str | None = field(default=None, repr=False)
    """The key itself: OpenRouter says it once, when it is made."""

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> "MadeKey":
        """Read an answer of `/keys` about one key.

        Raises:
            MalformedResponseError: it does not say which.
        """
        data = fields(answer.get("data"))
        named = words(data.get("hash"))
        if not named:
            raise MalformedResponseError("OpenRouter did not say which key it has made.")
        return cls(
            hash=named,
            name=words(data.get("name")) or "",
            limit=decimal(data.get("limit")),
            limit_reset=words(data.get("limit_reset")),
            usage=decimal(data.get("usage")),
            disabled=bool(data.get("disabled")),
            key=words(answer.get("key")),
        )


def create_request(name: str, limit: Decimal, limit_reset: str | None) -> Request:
    """Return the request for a new key that may spend `limit` USD, again each day, week or month if that is said."""
    return Request("POST", "/keys", {"name": name, "limit": float(limit), "limit_reset": limit_reset})


def update_request(named: str, changes: JSON) -> Request:
    """Return the request that changes a key: `disabled`, `limit`, `limit_reset`, `name`."""
    return Request("PATCH", f"/keys/{quote(named, safe='')}", changes)


def delete_request(named: str) -> Request:
    """Return the request that ends a key for good."""
    return Request("DELETE", f"/keys/{quote(named, safe='')}")
