"""What this replica runs, as far as other replicas want to know of it."""

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta

from orchat.errors import StoreError
from orchat.relay.codec import encode
from orchat.run import Run
from orchat.store.shared_runs import Piece, SharedRun, SharedRuns

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Mine:
    """A run of this replica's, and how much of it the others know."""

    id: str
    run: Run
    followed: bool = False
    anew: bool = False
    """Whether what the others have may have been lost: it is written once more from the beginning."""
    published: int = 0
    named: bool = False
    """Whether the others know its place in the chat."""
    admitted: bool = False
    """Whether it counts among those that run at once."""
    ended: bool = False


class Ours:
    """All runs of this replica that others may ask for."""

    def __init__(self, shared: SharedRuns, replica: str) -> None:
        self._shared = shared
        self._replica = replica
        self._all: dict[str, Mine] = {}
        # A run can be added while the others are looked at.
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, mine: Mine) -> None:
        """Tell the others of a run that has begun."""
        with self._lock:
            self._all[mine.id] = mine
        try:
            self._name(mine)
        except StoreError as error:
            # It has begun, and is told of later.
            log.warning("The other replicas could not be told of a run: %s", error.message)

    def _name(self, mine: Mine) -> None:
        turn = mine.run.turn
        place = (turn.owner, turn.conversation_id, turn.message_id)
        self._shared.name(mine.id, self._replica, *place, admitted=mine.admitted)
        mine.named = True

    def take_wishes(self, shared: SharedRun) -> None:
        """Do what others want with a run."""
        mine = self._all.get(shared.id)
        if mine is None:
            return
        mine.followed = mine.followed or shared.followed
        if shared.stop and mine.run.active:
            mine.run.stop()

    def ids(self) -> dict[Run, str]:
        """Return under which id the others know each run, for those that they know."""
        return {mine.run: mine.id for mine in self._each() if mine.named}

    def note_admitted(self, run_id: str) -> None:
        """Take it that a run counts among those that run at once, as the database says."""
        if (mine := self._all.get(run_id)) is not None:
            mine.admitted = True

    def publish_anew(self) -> None:
        """Write what others follow once more: PostgreSQL keeps none of it when it crashes."""
        for mine in self._each():
            mine.anew, mine.published = True, 0

    def tell(self) -> None:
        """Tell what has happened since the last time.

        Raises:
            StoreError: the database does not answer; nothing is lost, the next call tells it.
        """
        # Whether it has ended first: no event comes after that.
        ended = [mine for mine in self._each() if not mine.run.active]
        pieces = [piece for mine in self._each() if mine.followed and (piece := _next_piece(mine))]
        if pieces:
            self._shared.publish(pieces, anew=[piece.run_id for piece in pieces if self._all[piece.run_id].anew])
            for piece in pieces:
                mine = self._all[piece.run_id]
                mine.published, mine.anew = mine.published + piece.count, False
        for mine in self._each():
            if not mine.named:
                self._name(mine)
        for mine in ended:
            self._tell_end(mine)

    def _each(self) -> list[Mine]:
        with self._lock:
            return list(self._all.values())

    def _tell_end(self, mine: Mine) -> None:
        settled = mine.run.settled.is_set()
        if settled and not mine.followed:
            self._shared.release([mine.id])
        elif settled or not mine.ended:
            self._shared.end(mine.id, mine.run.state, settled=settled)
            mine.ended = True
        if settled:
            with self._lock:
                del self._all[mine.id]

    def claim_again(self, known: set[str], lease: timedelta) -> None:
        """Take chats again that were lost, since this replica was not heard of for long; stop where it is too late."""
        for mine in self._each():
            turn = mine.run.turn
            if mine.id in known or not mine.run.active:
                continue
            if self._shared.claim(mine.id, self._replica, turn.owner, turn.conversation_id, lease):
                mine.anew, mine.published = True, 0
                self._name(mine)
            else:
                mine.run.stop()


def _next_piece(mine: Mine) -> Piece | None:
    events = mine.run.events[mine.published :]
    return Piece(mine.id, mine.published, len(events), encode(events)) if events else None
