"""The relay: tells other replicas what runs here and what they want to hear of it, and hears from them."""

import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from uuid import uuid4

from orchat.errors import RunInProgressError, StoreError
from orchat.relay.admission import Admission
from orchat.relay.alone import Alone
from orchat.relay.mine import Mine, Ours
from orchat.relay.remote import RemoteRun
from orchat.run import Run
from orchat.store import Store
from orchat.store.shared_runs import SharedRun, SharedRuns
from orchat.temporary import is_temporary

TICK, IDLE = 0.1, 0.5
"""Seconds between two looks at what runs here: while something does, and while nothing does."""
CLOSES_WITHIN = 2 * IDLE
"""Seconds that a relay's thread has to end."""
BEAT = 5.0
"""Seconds after which a replica says that it is alive."""
LEASE = timedelta(seconds=15)
"""A replica that has not been heard of for so long has ended."""
KEPT = timedelta(seconds=10)
"""How long the events of a run that has ended are there for those who follow it."""
AGAIN_AFTER = 1.0
log = logging.getLogger(__name__)


class Relay(Alone):
    """The runs of all replicas over one PostgreSQL, as this one sees them. A thread of its own keeps it up to date."""

    def __init__(self, store: Store) -> None:
        """Say that this replica is there.

        Raises:
            StoreError: the database does not answer.
        """
        self.replica = uuid4().hex
        self._shared = SharedRuns.beside(store)
        self._ours = Ours(self._shared, self.replica)
        self._admission = Admission(self._shared, self._ours, LEASE)
        self._claims: dict[tuple[str, str], str] = {}
        self._elsewhere: dict[str, RemoteRun] = {}
        self._reading = threading.Lock()
        self._closing = threading.Event()
        self._beaten_at = self._heard_since = time.monotonic()
        self._learn_all(self._shared.beat(self.replica))
        self._thread = threading.Thread(target=self._serve, name="relay", daemon=True)
        self._thread.start()

    @contextmanager
    def claimed(self, owner: str, conversation_id: str) -> Iterator[None]:
        """Take a chat for runs that are about to begin; it is given back if none does.

        Raises:
            RunInProgressError: another replica answers in it.
            StoreError: the database does not answer.
        """
        if is_temporary(conversation_id):
            # It is of this process only.
            yield
            return
        claim, chat = uuid4().hex, (owner, conversation_id)
        if not self._shared.claim(claim, self.replica, owner, conversation_id, LEASE):
            raise RunInProgressError("This chat is still being answered.")
        self._claims[chat] = claim
        try:
            yield
        finally:
            if self._claims.pop(chat, None) == claim:
                self._shared.release([claim])

    def begun(self, run: Run) -> None:
        """Tell the others of a run of this process."""
        if is_temporary(run.turn.conversation_id):
            return
        claim = self._claims.pop((run.turn.owner, run.turn.conversation_id), None)
        self._ours.add(Mine(claim or uuid4().hex, run))

    async def admitted(self, run: Run, at_once: int, each: int) -> None:
        """Return when a run may begin, as so many run at once in all replicas together and for each person."""
        # Those of a temporary chat are this process's alone, and counted by its queue.
        if not is_temporary(run.turn.conversation_id):
            await self._admission.wait(run, at_once, each)

    def together(self, owner: str, conversation_id: str) -> tuple[Run, ...]:
        """Return the latest runs of a conversation in another replica; none when it knows of none."""
        chat = (owner, conversation_id)
        runs = [run for run in list(self._elsewhere.values()) if run.chat == chat]
        return tuple(run for run in runs if run.active) or tuple(runs[-1:])

    def stop_all_of(self, owner: str) -> None:
        """Stop what runs for an owner in other replicas."""
        self._shared.stop_all_of(owner)

    def follow(self, run: RemoteRun) -> None:
        """Have the events of a run brought here, from the first one on."""
        if not run.followed:
            self._shared.change(run.id, followed=True)
            run.followed = True
            self._read([run])

    def stop(self, run: RemoteRun) -> None:
        """Have a run stopped."""
        try:
            self._shared.change(run.id, stop=True)
        except StoreError as error:
            log.warning("Another replica is asked later to stop an answer: %s", error.message)

    def close(self) -> None:
        """Tell the others that this replica ends."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join(CLOSES_WITHIN)
        try:
            self._shared.leave(self.replica)
        except StoreError:
            # The others find out by themselves.
            log.warning("The other replicas could not be told that this one ends")

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                with closing(self._shared.listen()) as listener:
                    # Whatever was told while nobody listened is read now.
                    self._ours.publish_anew()
                    self._beat()
                    while not self._closing.is_set():
                        self._take(listener.wait(TICK if self._ours else IDLE))
            except StoreError as error:
                log.warning("Other replicas are not heard at the moment: %s", error.message)
            except Exception:
                log.exception("The relay failed unexpectedly")
            self._closing.wait(AGAIN_AFTER)

    def _take(self, heard: dict[str, set[str]]) -> None:
        if told := heard.get("runs"):
            self._learn(self._shared.look(told), told)
        if told := heard.get("events"):
            self._read(run for run in list(self._elsewhere.values()) if run.followed and run.id in told)
        self._ours.tell()
        self._admission.grant()
        if time.monotonic() - self._beaten_at >= BEAT:
            self._beat()

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beaten_at > LEASE.total_seconds():
            # Who was not heard of itself, since the database was away, accuses nobody: they had no chance either.
            self._heard_since = now
        found = self._shared.beat(self.replica)
        self._beaten_at = now
        self._learn_all(found)
        self._ours.claim_again({run.id for run in found}, LEASE)
        there = [run for run in list(self._elsewhere.values()) if run.active]
        self._read(run for run in there if run.followed)
        for run in there:
            if run.stop_wanted:
                self.stop(run)
        self._shared.trim(KEPT)
        if now - self._heard_since > LEASE.total_seconds() and (lost := self._shared.bury(LEASE)):
            log.warning("Marked %d answers of a replica that has ended as cut off", lost)

    def _learn_all(self, found: Collection[SharedRun]) -> None:
        self._learn(found, set(self._elsewhere) | {run.id for run in found})

    def _learn(self, found: Iterable[SharedRun], told: set[str]) -> None:
        """Take what there is to know of the runs in `told`: those that are not found any more have ended."""
        for shared in found:
            told = told - {shared.id}
            if shared.replica == self.replica:
                self._ours.take_wishes(shared)
            elif shared.message_id is not None:
                self._learn_of_remote(shared)
        for gone in told:
            run = self._elsewhere.pop(gone, None)
            if run is not None:
                run.end("done", settled=True)

    def _learn_of_remote(self, shared: SharedRun) -> None:
        run = self._elsewhere.get(shared.id)
        if run is None:
            run = self._elsewhere[shared.id] = RemoteRun(shared, self)
        if shared.ended_at is not None:
            if run.followed and run.active:
                self._read([run])
            run.end(shared.state, settled=shared.settled)

    def _read(self, runs: Iterable[RemoteRun]) -> None:
        with self._reading:
            wanted = {run.id: run for run in runs}
            if wanted:
                for piece in self._shared.read({run.id: len(run.events) for run in wanted.values()}):
                    wanted[piece.run_id].receive(piece)
