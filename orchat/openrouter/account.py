"""The account: what is left to spend, as far as a key may know it.

`/key` answers any key, `/credits` only a management key (and 0/0, or 403, to others). Both 0 therefore mean
"unknown", never "broke". Source: https://openrouter.ai/docs/api_reference/credits and …/limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from orchat.openrouter.request import Request
from orchat.usage import decimal, whole
from orchat.wire import fields, words

KEY = Request("GET", "/key")
CREDITS = Request("GET", "/credits")


class Scope(StrEnum):
    """What the number is the rest of."""

    BALANCE = "account balance"
    KEY = "left on this key"
    BUDGET = "left in the budget"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Account:
    """What is left to spend, in USD: `left` of `scope`, None where it is unknown.

    Of several known numbers it is the smallest: that one stops the next request first.
    """

    left: Decimal | None = None
    scope: Scope = Scope.UNKNOWN
    resets: str | None = None
    limit: Decimal | None = None
    used_this_month: Decimal | None = None
    label: str = ""
    free_requests_left: int | None = None
    is_management_key: bool = False

    @classmethod
    def from_wire(cls, key: Mapping[str, Any] | None, credit: Mapping[str, Any] | None) -> "Account":
        """Read the answers of `/key` and `/credits`; either may be missing."""
        key_data, credit_data = fields((key or {}).get("data")), fields((credit or {}).get("data"))
        known = [*_balance(credit_data), *_key(key_data), *_budget(key_data)]
        left, scope, resets, limit = min(known, key=lambda one: one[0], default=(None, Scope.UNKNOWN, None, None))
        return cls(
            left=left,
            scope=scope,
            resets=resets,
            limit=limit,
            used_this_month=decimal(key_data.get("usage_monthly")),
            label=str(key_data.get("label") or ""),
            free_requests_left=whole(fields(key_data.get("free_model_daily_requests")).get("remaining")),
            is_management_key=bool(key_data.get("is_management_key") or key_data.get("is_provisioning_key")),
        )

    @property
    def meaning(self) -> str:
        """What the number is, in words: “left on this key, resets monthly”."""
        return f"{self.scope}, resets {self.resets}" if self.resets else str(self.scope)


Known = tuple[Decimal, Scope, str | None, Decimal | None]


def _balance(data: Mapping[str, Any]) -> list[Known]:
    bought, used = decimal(data.get("total_credits")), decimal(data.get("total_usage"))
    if bought is None or used is None or (bought == 0 and used == 0):
        return []
    return [(bought - used, Scope.BALANCE, None, bought)]


def _key(data: Mapping[str, Any]) -> list[Known]:
    left = decimal(data.get("limit_remaining"))
    if left is None:
        return []
    return [(left, Scope.KEY, words(data.get("limit_reset")), decimal(data.get("limit")))]


def _budget(data: Mapping[str, Any]) -> list[Known]:
    budget = fields(data.get("effective_budget"))
    left = decimal(budget.get("remaining_usd"))
    if left is None:
        return []
    return [(left, Scope.BUDGET, words(budget.get("reset_interval")), decimal(budget.get("limit_usd")))]
