"""Who may have an interpreter: limits for each owner and for all, and a queue in order of arrival."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from orchat.errors import SandboxBusyError

LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """Somebody in the queue."""

    owner: str


class Places:
    """Counts interpreters. Those in use are told by `live`, the owners of all that are alive."""

    def __init__(
        self, per_owner: int, total: int, live: Callable[[], list[str]], free_one: Callable[[str | None], bool]
    ) -> None:
        """`free_one` ends an idle interpreter of an owner, or of anybody for None, and says whether there was one."""
        self.per_owner = per_owner
        self.total = total
        self._live = live
        self._free_one = free_one
        self._queue: list[Waiting] = []
        self._starting: Counter[str] = Counter()
        self._lock = threading.Condition()

    def take(self, owner: str, within: float, stopped: Callable[[], bool] = lambda: False) -> None:
        """Wait for a place; `give_back` it when the interpreter is alive, and counts by itself, or did not start.

        Raises:
            SandboxBusyError: none became free in time, or before it was `stopped`.
        """
        mine = Waiting(owner)
        deadline = time.monotonic() + within
        with self._lock:
            self._queue.append(mine)
            try:
                while not self._may_go(mine):
                    if stopped():
                        raise SandboxBusyError("The code was stopped while it waited for an interpreter.")
                    left = deadline - time.monotonic()
                    if left <= 0:
                        ahead = self._queue.index(mine)
                        raise SandboxBusyError(
                            f"All interpreters are at work, and none became free within {within:.0f} seconds"
                            f" ({ahead} others were waiting before you)."
                        )
                    self._lock.wait(min(LOOK_EVERY, left))
                self._starting[owner] += 1
            finally:
                self._queue.remove(mine)

    def give_back(self, owner: str) -> None:
        """The place is no longer held by `take`."""
        with self._lock:
            self._starting[owner] -= 1
            self._lock.notify_all()

    def _may_go(self, mine: Waiting) -> bool:
        """Whether it is this one's turn: those who wait for their own interpreters hold up nobody else."""
        live = Counter(self._live()) + self._starting
        for waiting in self._queue:
            if live[waiting.owner] >= self.per_owner and not self._free_one(waiting.owner):
                continue
            if live.total() >= self.total and not self._free_one(None):
                return False
            return waiting is mine
        return False
