"""Routes: which models and providers may answer, as a person sets it. Unset means that OpenRouter chooses.

Source: https://openrouter.ai/docs/guides/routing/provider-selection and
https://openrouter.ai/docs/guides/routing/model-fallbacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchat.openrouter.routing import ProviderPreferences
from orchat.wire import JSON, fields

FALLBACKS, SORT, ORDER, ONLY, IGNORE = "models", "sort", "order", "only", "ignore"
NO_TRAINING, MOST_IN, MOST_OUT = "no_training", "max_prompt", "max_completion"
"""Names under which what is set is kept. Of prices: US dollars per million tokens, read and written."""
SORTS = ("price", "throughput", "latency")
PROVIDERS = (ORDER, ONLY, IGNORE)
PRICES = (MOST_IN, MOST_OUT)
MOST_FALLBACKS, MOST_PROVIDERS, HIGHEST_PRICE = 3, 20, 10_000.0


def cleaned(chosen: Any) -> JSON:
    """Return what can be used of a route that anybody may have written."""
    given = fields(chosen)
    kept: JSON = {FALLBACKS: _names(given.get(FALLBACKS), MOST_FALLBACKS)}
    kept[SORT] = given.get(SORT) if given.get(SORT) in SORTS else None
    kept |= {name: _names(given.get(name), MOST_PROVIDERS) for name in PROVIDERS}
    kept[NO_TRAINING] = given.get(NO_TRAINING) is True
    kept |= {name: _price(given.get(name)) for name in PRICES}
    return {name: value for name, value in kept.items() if value or (name in PRICES and value is not None)}


def preferences(chosen: Mapping[str, Any]) -> ProviderPreferences:
    """Return what is asked of OpenRouter about providers."""
    route = cleaned(chosen)
    prices = {"prompt": route.get(MOST_IN), "completion": route.get(MOST_OUT)}
    return ProviderPreferences(
        order=tuple(route.get(ORDER, ())),
        only=tuple(route.get(ONLY, ())),
        ignore=tuple(route.get(IGNORE, ())),
        sort=route.get(SORT),
        max_price={name: price for name, price in prices.items() if price is not None},
        data_collection="deny" if route.get(NO_TRAINING) else None,
    )


def _names(value: Any, most: int) -> list[str]:
    names = value if isinstance(value, list | tuple) else ()
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and 0 < len(name) <= 300))[:most]


def _price(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= HIGHEST_PRICE
    return float(value) if fits else None
