"""An answer that another replica writes, followed and stopped here as if it were written by this process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, cast

from orchat.events import Event
from orchat.relay.codec import decode
from orchat.run import Run, State
from orchat.store.shared_runs import Piece, SharedRun


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Whose answer it is, and where it stands."""

    owner: str
    conversation_id: str
    message_id: str


class Carrier(Protocol):
    """What brings events here and wishes there."""

    def follow(self, run: "RemoteRun") -> None:
        """Have the events of a run brought here, from the first one on."""
        ...

    def stop(self, run: "RemoteRun") -> None:
        """Have a run stopped."""
        ...


class RemoteRun(Run):
    """A run of another replica. Its events come once somebody follows it."""

    def __init__(self, shared: SharedRun, carrier: Carrier) -> None:
        assert shared.message_id is not None
        super().__init__(Elsewhere(shared.owner, shared.conversation_id, shared.message_id))
        self.id = shared.id
        self.chat = (shared.owner, shared.conversation_id)
        self.followed = self.stop_wanted = False
        self._carrier = carrier

    def follow(self, offset: int = 0, *, pace: Callable[[], float] = lambda: 0.05) -> Iterator[list[Event]]:
        """As `Run.follow`.

        Raises:
            StoreError: the database does not answer.
        """
        self._carrier.follow(self)
        yield from super().follow(offset, pace=pace)

    def stop(self) -> None:
        """End the answer, where it is written."""
        if self.active:
            self.stop_wanted = True
            self._carrier.stop(self)

    def receive(self, piece: Piece) -> None:
        """Take events; those that are known already and those that come too early are left out."""
        known = len(self.events) - piece.position
        if 0 <= known < piece.count:
            self.events.extend(decode(piece.data)[known:])
            self.tell()

    def end(self, state: str, *, settled: bool) -> None:
        """Take how it ended; all events have come before."""
        if self.active:
            self.state = cast("State", state)
            self.finish()
        if settled:
            self.settled.set()
