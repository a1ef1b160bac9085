"""When a failed request may be sent again, and how long to wait before. No I/O."""

import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from orchat.errors import ConnectionFailedError, OpenRouterError, RequestTimeoutError

REQUEST_TIMEOUT = 408


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently to try again before an answer has begun.

    `attempts` counts all tries; waits double from `first_delay` seconds with jitter. A wait that OpenRouter asks for
    is kept to exactly, and one longer than `max_delay` is not waited for: the error then says how long it would be.
    """

    attempts: int = 3
    first_delay: float = 0.5
    max_delay: float = 20.0

    def delay(self, error: OpenRouterError, attempt: int) -> float | None:
        """Return the seconds to wait after the `attempt`-th failure (from 1), or None: give up."""
        if attempt >= self.attempts or not _worth_repeating(error):
            return None
        if error.retry_after:
            return error.retry_after if error.retry_after <= self.max_delay else None
        backoff = self.first_delay * 2.0 ** (attempt - 1)
        return min(self.max_delay, backoff * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, guards nothing


def _worth_repeating(error: OpenRouterError) -> bool:
    if isinstance(error, ConnectionFailedError):
        # A request that was sent may have been answered, and billed, without our seeing it.
        return not error.sent
    if isinstance(error, RequestTimeoutError):
        # 504 and 524 mean that somebody in between gave up: upstream the answer may be written, and billed.
        return error.status == REQUEST_TIMEOUT
    return error.retryable


def retry_after(headers: Mapping[str, str], error: Mapping[str, Any]) -> float | None:
    """Return the seconds until a request may be repeated, where the response says so.

    `Retry-After` (seconds or a date), else `X-RateLimit-Reset` (milliseconds since 1970), in the headers or, as for
    free models, only in the error's metadata. Source: https://openrouter.ai/docs/api_reference/limits.
    """
    metadata = error.get("metadata")
    inner = metadata.get("headers") if isinstance(metadata, Mapping) else None
    sources = [source for source in (inner, headers) if isinstance(source, Mapping)]
    found = {str(key).lower(): value for source in sources for key, value in source.items()}
    availability = error.get("availability")
    asked = availability.get("retry_after") if isinstance(availability, Mapping) else None
    for value in (found.get("retry-after"), asked):
        if (seconds := _seconds(value)) is not None:
            return seconds
    reset = _number(found.get("x-ratelimit-reset"))
    return None if reset is None else max(0.0, reset / 1000 - time.time())


def _seconds(value: Any) -> float | None:
    if (number := _number(value)) is not None:
        return max(0.0, number)
    try:
        return max(0.0, parsedate_to_datetime(str(value)).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return number if math.isfinite(number) else None
