"""What a cell prints, shown while it runs: in pieces that a page can draw, and not all of a flood."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

EVERY = 0.1
"""Seconds between two pieces."""
MOST = 20_000
"""Characters of one cell; what comes after them is in the result."""


class Live:
    """Collects text and passes it on now and then."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._held = ""
        self._left = MOST
        self._shown_at = 0.0

    def take(self, kind: str, payload: Any) -> None:
        """Take what a cell says, as `Sandbox.run` tells it; what it displays comes with the result."""
        if kind == "display" or self._left <= 0:
            return
        self._held += payload[: self._left]
        self._left -= len(payload)
        if self._left <= 0:
            self._held += "\n… more is printed than is shown here; the result has it."
        if self._left <= 0 or time.monotonic() - self._shown_at >= EVERY:
            self._pass_on()

    def _pass_on(self) -> None:
        held, self._held = self._held, ""
        self._shown_at = time.monotonic()
        if held:
            self._show(held)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pass_on()
