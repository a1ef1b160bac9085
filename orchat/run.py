"""One answer on its way: its turn, the events so far, how it ended; followed from any offset."""

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from orchat.errors import OrchatError
from orchat.events import Event, TextDelta

QUIET = 0.2
"""Seconds without news after which who follows hears so."""
EARLY = 0.8
"""The share of the pace after which news are taken: words that are read at the same pace need not wait once more."""
State = Literal["streaming", "done", "stopped", "failed"]
"""How a run is, or how it ended."""


class Place(Protocol):
    """Whose answer it is, and where it stands: its first message, where it has several."""

    @property
    def owner(self) -> str: ...  # noqa: D102 - said above
    @property
    def conversation_id(self) -> str: ...  # noqa: D102
    @property
    def message_id(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Remembered:
    """Whose answer it was, and where it stands."""

    owner: str
    conversation_id: str
    message_id: str


class Turn(Place, Protocol):
    """What a run runs: a source of events that knows how to save itself."""

    def events(self) -> AsyncGenerator[Event]:
        """Yield what happens; cancelling it closes every connection that it holds."""
        ...

    def save(self, state: State, error: OrchatError | None) -> None:
        """Save the answer as far as it has come. Called on worker threads, never twice at a time."""
        ...

    async def settle(self) -> None:
        """Do what can wait until the answer has ended: look up its cost, word a title."""
        ...


class Run(ABC):
    """One answer on its way, wherever it is written. Events are only ever appended."""

    def __init__(self, turn: Place) -> None:
        self.turn = turn
        self.events: list[Event] = []
        self.state: State = "streaming"
        self.error: OrchatError | None = None
        self.started_at = time.monotonic()
        self._news = threading.Condition()
        self.ended_at: float | None = None
        self.finished = threading.Event()
        """Set when the answer has ended and is saved."""
        self.settled = threading.Event()
        """Set when its cost and title are known too, as far as they can be."""

    @property
    def active(self) -> bool:
        """Whether the answer is still on its way."""
        return not self.finished.is_set()

    def follow(self, offset: int = 0, *, pace: Callable[[], float] = lambda: 0.05) -> Iterator[list[Event]]:
        """Yield the events from `offset` on to the end, a batch when there are any, empty while nothing happens.

        Batches come about every `pace()` seconds at most.
        """
        while True:
            ended = self.finished.is_set()
            batch = self.events[offset:]
            offset += len(batch)
            due = time.monotonic() + pace() * EARLY
            yield batch
            if ended:
                return
            self._wait_for_news(offset)
            self.finished.wait(max(0.0, due - time.monotonic()))

    def _wait_for_news(self, offset: int) -> None:
        with self._news:
            self._news.wait_for(lambda: len(self.events) > offset or self.finished.is_set(), QUIET)

    def tell(self) -> None:
        """Wake who follows: something has happened, or it has ended."""
        with self._news:
            self._news.notify_all()

    def finish(self) -> None:
        """Say that it has ended and is saved."""
        self.finished.set()
        self.tell()

    @abstractmethod
    def stop(self) -> None:
        """End the answer: the connection upstream is closed, what was written is kept."""


class LocalRun(Run):
    """A run of this process."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn)
        self.saving = asyncio.Lock()
        self.stop_requested = False
        self._words: list[str] = []
        self.cancel: Callable[[], object] = lambda: None

    def happened(self, event: Event) -> None:
        """Add an event, on the loop that drives the run; words that come in one go become one event."""
        if type(event) is not TextDelta:
            self.flush()
            self.events.append(event)
            self.tell()
            return
        if not self._words:
            asyncio.get_running_loop().call_soon(self.flush)
        self._words.append(event.text)

    def flush(self) -> None:
        """Show the words that have come."""
        if self._words:
            self.events.append(TextDelta("".join(self._words)))
            self._words.clear()
            self.tell()

    def stop(self) -> None:
        """End the answer: the connection upstream is closed, what was written is kept."""
        self.stop_requested = True
        if self.active:
            self.cancel()

    def let_go(self) -> None:
        """Keep only where the answer stands: who followed has read to the end, and who comes later reads the store.

        With many people there are many answers of the last minutes, and each has an event for every token.
        """
        self.events, self.cancel = [], lambda: None
        self.turn = Remembered(self.turn.owner, self.turn.conversation_id, self.turn.message_id)
