"""The clock of the machine, as far as it can be trusted to say how old something is."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

TOLERANCE = timedelta(hours=1)
"""How far the clock may be set forward before it is not believed any more."""
log = logging.getLogger(__name__)


def since_the_machine_started() -> float:
    """Seconds since the machine started, those that it slept among them: nobody can set this clock."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Trust:
    """Whether the time is still what it was when the process began, and how long that is ago.

    What is deleted because of its age is gone for good: a clock that is a year ahead for a minute would take all of it.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = since_the_machine_started
    ) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()

    def holds(self) -> bool:
        """Whether the clock has not been set far forward since this process began."""
        ahead = timedelta(seconds=self._wall() - self._steady() - self._offset)
        if ahead > TOLERANCE:
            log.warning(
                "The clock was set forward by %s. Nothing is deleted by its age until that is undone or orchat starts.",
                ahead,
            )
        return ahead <= TOLERANCE
