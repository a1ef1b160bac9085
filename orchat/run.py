"""Run: one answer on its way, wherever it is written, that can be followed and stopped."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Literal, Protocol

from orchat.errors import OrchatError
from orchat.events import Event

State = Literal["streaming", "done", "stopped", "failed"]
"""How a run is, or how it ended."""


class Place(Protocol):
    """Whose answer it is, and where it stands."""

    @property
    def owner(self) -> str:
        """Whose it is."""
        ...

    @property
    def conversation_id(self) -> str:
        """The chat that it is in."""
        ...

    @property
    def message_id(self) -> str:
        """The message that holds it; the first one, where it has several."""
        ...


class Run(ABC):
    """One answer on its way. Events are only ever appended."""

    def __init__(self, turn: Place) -> None:
        self.turn = turn
        self.events: list[Event] = []
        self.state: State = "streaming"
        self.error: OrchatError | None = None
        self.started_at = time.monotonic()
        self.ended_at: float | None = None
        self.finished = threading.Event()
        """Set when the answer has ended and is saved."""
        self.settled = threading.Event()
        """Set when its cost and title are known too, as far as they can be."""

    @property
    def active(self) -> bool:
        """Whether the answer is still on its way."""
        return not self.finished.is_set()

    def follow(self, offset: int = 0, *, tick: Callable[[], float] = lambda: 0.05) -> Iterator[list[Event]]:
        """Yield the events from `offset` on to the end, a batch every `tick()` seconds, empty while nothing happens."""
        while True:
            ended = self.finished.is_set()
            batch = self.events[offset:]
            offset += len(batch)
            yield batch
            if ended:
                return
            self.finished.wait(tick())

    @abstractmethod
    def stop(self) -> None:
        """End the answer: the connection upstream is closed, what was written is kept."""
