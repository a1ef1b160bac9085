"""The account behind the demo keys: what is left, what was generated, who may ask."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from orchat.demo.errors import APIError

DEMO_KEY = "sk-or-v1-demo-0000000000000000"
DEMO_MANAGEMENT_KEY = "sk-or-v1-demo-management-00000000"
# As with OpenRouter, a generation can be looked up only a moment after its stream ended.
LOOKUP_DELAY_SECONDS = 0.3
_GENERATIONS_KEPT = 5000


class Account:
    """Credits in USD that go down as answers are billed; shared by all keys of one demo."""

    def __init__(self, credits_: float) -> None:
        self.limit = credits_
        self.used = 0.0
        self.used_elsewhere = 0.0
        """What providers have billed for answers on keys of the caller's own, in USD."""
        self.free_requests = 0
        self._generations: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()

    @property
    def credits(self) -> float:
        """What is left, in USD."""
        return self.limit - self.used

    @credits.setter  # noqa: A003 - the property above, not the builtin of the site module
    def credits(self, value: float) -> None:
        self.limit = max(self.limit, value)
        self.used = self.limit - value

    def bill(self, cost: float, generation: Mapping[str, Any]) -> None:
        """Take the cost of one finished (or cancelled) generation and remember its record."""
        self.used += cost
        if generation["is_byok"]:
            self.used_elsewhere += generation["upstream_inference_cost"]
        self.free_requests += str(generation["model"]).endswith(":free")
        self._generations[generation["id"]] = (time.monotonic(), dict(generation))
        while len(self._generations) > _GENERATIONS_KEPT:
            self._generations.popitem(last=False)

    @property
    def generations(self) -> list[dict[str, Any]]:
        """The latest records, oldest first."""
        return [record for _, record in self._generations.values()]

    def generation(self, generation_id: str) -> dict[str, Any]:
        """The body of GET /generation.

        Raises:
            APIError: 404 while it runs, for a moment afterwards, and for an id that never was.
        """
        ended, record = self._generations.get(generation_id, (float("inf"), {}))
        if time.monotonic() - ended < LOOKUP_DELAY_SECONDS:
            raise APIError(404, f"Generation {generation_id} not found", "not_found")
        return {"data": record}

    def key_json(self, key: str) -> dict[str, Any]:
        """The body of GET /key."""
        management = is_management(key)
        used = {f"usage{span}": self.used for span in ("", "_daily", "_weekly", "_monthly")}
        byok = {f"byok_usage{span}": self.used_elsewhere for span in ("", "_daily", "_weekly", "_monthly")}
        data = {
            "label": f"{key[:12]}...{key[-3:]}",
            "limit": self.limit,
            "limit_remaining": self.credits,
            "limit_reset": None,
            "include_byok_in_limit": False,
            **used,
            **byok,
            "is_free_tier": False,
            "is_management_key": management,
            "is_provisioning_key": management,
            "expires_at": None,
            "creator_user_id": "user_demo",
            "rate_limit": {"requests": -1, "interval": "10s", "note": "deprecated"},
            "organization_id": None,
            "workspace_id": None,
            "allowed_data_regions": ["global"],
            "budgets": [],
            "effective_budget": None,
            "free_model_daily_requests": {
                "limit": 1000,
                "used": self.free_requests,
                "remaining": max(0, 1000 - self.free_requests),
            },
        }
        return {"data": data}

    def credits_json(self) -> dict[str, Any]:
        """The body of GET /credits."""
        return {"data": {"total_credits": self.limit, "total_usage": self.used}}


def key_of(headers: Mapping[str, str]) -> str | None:
    """The bearer key of a request, None when there is no valid one."""
    try:
        return require_key(headers)
    except APIError:
        return None


def require_key(headers: Mapping[str, str]) -> str:
    """The bearer key of a request: any that starts with `sk-or-v1-` will do, unless it contains `invalid`.

    Raises:
        APIError: 401 without one.
    """
    scheme, _, key = headers.get("authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise APIError(401, "Missing Authentication header", "authentication")
    if not key.startswith("sk-or-v1-") or "invalid" in key:
        raise APIError(401, "User not found.", "authentication")
    return key


def require_inference_key(headers: Mapping[str, str]) -> str:
    """The bearer key of a request that costs money.

    Raises:
        APIError: 401 without a key, 403 with a management key, which cannot do inference.
    """
    key = require_key(headers)
    if is_management(key):
        raise APIError(403, "Management keys cannot be used for inference", "permission_denied")
    return key


def require_management_key(headers: Mapping[str, str]) -> str:
    """The bearer key of a request about the whole account.

    Raises:
        APIError: 401 without a key, 403 with an ordinary one.
    """
    key = require_key(headers)
    if not is_management(key):
        raise APIError(403, "Only management keys can perform this operation", "permission_denied")
    return key


def is_management(key: str) -> bool:
    """Whether a demo key stands for a management key: it says so."""
    return "management" in key
