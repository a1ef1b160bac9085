"""How many runs there are at once, in all replicas together: each waits here until it may begin."""

import asyncio
import logging
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import timedelta

from orchat.errors import StoreError
from orchat.events import Queued
from orchat.relay.mine import Ours
from orchat.run import Run
from orchat.store.shared_runs import SharedRuns

log = logging.getLogger(__name__)


class Admission:
    """The runs of this replica that have had their turn in its own queue, and may be too many with those of others."""

    def __init__(self, shared: SharedRuns, ours: Ours, lease: timedelta) -> None:
        """`lease`: a replica that was not heard of for so long counts no longer."""
        self._shared, self._ours, self._lease = shared, ours, lease
        # In the order in which they came.
        self._waiting: dict[Run, Future[None]] = {}
        self._told: set[Run] = set()
        self._most = (0, 0)
        self._lock = threading.Lock()

    async def wait(self, run: Run, at_once: int, each: int) -> None:
        """Return when so many run at once in all, and for each person, with this one."""
        self._most = (at_once, each)
        granted = self._waiting[run] = Future[None]()
        try:
            await asyncio.to_thread(self.grant)
            await asyncio.wrap_future(granted)
        except StoreError as error:
            # Rather one too many than nobody who is answered.
            log.warning("The answers of other replicas could not be counted: %s", error.message)
        finally:
            self._waiting.pop(run, None)
            self._told.discard(run)

    def grant(self) -> None:
        """Let as many begin as may, the first that came first.

        Raises:
            StoreError: the database does not answer.
        """
        with self._lock:
            known = self._ours.ids()
            wanted = {known[run]: run for run in list(self._waiting) if run in known}
            if not wanted:
                return
            owners = {run_id: run.turn.owner for run_id, run in wanted.items()}
            admitted = self._shared.admit(owners, *self._most, self._lease)
            if admitted is None:
                # The next look is a moment away.
                return
            for run_id in admitted:
                self._ours.note_admitted(run_id)
                granted = self._waiting.pop(wanted[run_id], None)
                # Whoever has been stopped meanwhile has ended.
                if granted is not None and granted.set_running_or_notify_cancel():
                    granted.set_result(None)
            self._tell(run for run in wanted.values() if run in self._waiting)

    def _tell(self, runs: Iterable[Run]) -> None:
        """Let people know that they wait; how many of other replicas come first, nobody counts."""
        for run in runs:
            if run not in self._told:
                self._told.add(run)
                run.events.append(Queued(0))
                run.tell()
