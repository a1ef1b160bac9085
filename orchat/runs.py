"""Runs: a turn runs on its own, outlives the page that started it, and can be followed and stopped.

All turns are tasks on one event loop with a thread of its own. A page follows a run's buffer of events from any
offset; it never owns the connection.
"""

import asyncio
import atexit
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from importlib import import_module
from typing import Any, TypeVar

from orchat.driver import SAVE_EVERY, Driver
from orchat.errors import ClosingError, RunInProgressError
from orchat.fair_queue import FairQueue
from orchat.relay.alone import Alone
from orchat.run import LocalRun, Run, State, Turn

__all__ = ["Run", "Runs", "State", "Turn"]

KEEP_FINISHED = 300.0
AT_ONCE, EACH = 200, 8
CLOSE_WITHIN, STEP_WITHIN = 10.0, 3.0
"""Seconds that closing may take in all, and each of its steps."""
FASTEST, FOR_EACH, SLOWEST = 0.05, 0.002, 0.15
"""Seconds of the pace: at least, for each answer that streams in this process, and at most."""
T = TypeVar("T")


class Deadline:
    """The one deadline of a closing: each of its steps has a while, and all together end in time."""

    def __init__(self, within: float = CLOSE_WITHIN, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock() + within

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self._at - self._clock())

    def step(self) -> "Deadline":
        """Return the deadline of a step that begins now."""
        return Deadline(min(STEP_WITHIN, self.left), self._clock)


class Runs:
    """All runs of this process, one for each answer. Finished ones are forgotten after a while.

    A conversation has one active run, or several that were started together: answers to one question, side by side.
    """

    def __init__(
        self, *, keep_finished: float = KEEP_FINISHED, save_every: float = SAVE_EVERY, queue: FairQueue | None = None
    ) -> None:
        self.queue = queue or FairQueue(AT_ONCE, EACH)
        self._keep_finished = keep_finished
        self._driver = Driver(self.queue, save_every, lambda: self.elsewhere)
        self.watchers = self._driver.watchers
        """Told of each run that has ended and is settled, on a worker thread."""
        self._runs: dict[tuple[str, str], tuple[LocalRun, ...]] = {}
        self._work: set[asyncio.Task[Any] | None] = set()
        self._lock = threading.Lock()
        # Before the driver is closing: what has begun is stopped and saved first.
        self._ending = False
        self.elsewhere = Alone()
        """What other processes run, as far as it is known here."""
        self._loop = _new_loop()
        self._thread = threading.Thread(target=self._serve, name="runs", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def _serve(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(_cancel(self._work))
        self._loop.run_until_complete(_cancel(asyncio.all_tasks(self._loop)))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def start(self, turn: Turn) -> Run:
        """Start a turn.

        Raises:
            ClosingError: `close` or `begin_no_more` was called.
            RunInProgressError: the conversation is still being answered.
        """
        return self.start_together([turn])[0]

    def start_together(self, turns: Sequence[Turn]) -> tuple[Run, ...]:
        """Start the turns of one conversation that answer the same question; each ends by itself.

        Raises:
            ClosingError: `close` or `begin_no_more` was called.
            RunInProgressError: the conversation is still being answered.
        """
        runs = tuple(LocalRun(turn) for turn in turns)
        with self._lock:
            self.check_open()
            self.forget_old()
            key = (turns[0].owner, turns[0].conversation_id)
            if any(run.active for run in self._runs.get(key, ())):
                raise RunInProgressError("This chat is still being answered.")
            self._runs[key] = runs
        for run, turn in zip(runs, turns, strict=True):
            self.submit(self._driver.drive(run, turn))
            self.elsewhere.begun(run)
        return runs

    def begin_no_more(self) -> None:
        """Refuse all runs from now on; those that have begun go on."""
        with self._lock:
            self._ending = True

    def check_open(self) -> None:
        """Raise ClosingError where no run is begun any more."""
        if self._ending:
            raise ClosingError("orchat is ending at this moment.")

    def together(self, owner: str, conversation_id: str) -> tuple[Run, ...]:
        """Return the latest runs of a conversation, which were started together; none if they are forgotten."""
        here, there = self._runs.get((owner, conversation_id), ()), self.elsewhere.together(owner, conversation_id)
        if not there or any(run.active for run in here):
            return here
        newer = not here or there[-1].started_at > here[-1].started_at
        return there if newer or any(run.active for run in there) else here

    def find(self, owner: str, conversation_id: str) -> Run | None:
        """Return the latest run of a conversation, None when there was none or it is forgotten.

        Of several that were started together it is one that is still active, as long as there is one.
        """
        runs = self.together(owner, conversation_id)
        return next((run for run in runs if run.active), runs[-1] if runs else None)

    def is_active(self, owner: str, conversation_id: str) -> bool:
        """Whether a conversation is being answered."""
        return any(run.active for run in self.together(owner, conversation_id))

    def pace(self) -> float:
        """Return how many seconds lie between what is read, or drawn, of one answer: more, the more there are."""
        return min(SLOWEST, max(FASTEST, self.queue.busy * FOR_EACH))

    def _all(self) -> list[LocalRun]:
        return [run for runs in list(self._runs.values()) for run in runs]

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run other work on the same loop."""
        return asyncio.run_coroutine_threadsafe(self._known(work), self._loop)

    async def _known(self, work: Coroutine[Any, Any, T]) -> T:
        # What work starts by itself is left to it to cancel: a task that is cancelled before its first step complains.
        task = asyncio.current_task()
        self._work.add(task)
        try:
            return await work
        finally:
            self._work.discard(task)

    def forget_old(self) -> None:
        """Forget the runs that ended a while ago."""
        limit = time.monotonic() - self._keep_finished
        for key, runs in list(self._runs.items()):
            if all(run.ended_at is not None and run.ended_at < limit for run in runs):
                del self._runs[key]

    def forget(self, owner: str, conversation_id: str) -> None:
        """Forget the runs of a conversation that is gone."""
        self._runs.pop((owner, conversation_id), None)

    def stop_all_of(self, owner: str) -> None:
        """Stop what runs for an owner, here and elsewhere, and wait for nothing."""
        self.elsewhere.stop_all_of(owner)
        for run in self._all():
            if run.turn.owner == owner:
                run.stop()

    def stop_all(self, deadline: Deadline) -> None:
        """Stop all runs, wait a few seconds at most until they are saved, and give up all other work."""
        if not self._thread.is_alive():
            return
        for run in self._all():
            run.stop()
        saving = deadline.step()
        for run in self._all():
            run.finished.wait(saving.left)
        with contextlib.suppress(TimeoutError):
            self.submit(_cancel(self._work)).result(deadline.step().left)

    @property
    def closed(self) -> bool:
        """Whether nothing can be started any more."""
        return self._driver.closing

    def close(self, deadline: Deadline | None = None) -> None:
        """Stop all runs, save them, and end the thread. Safe to call more than once."""
        if self._driver.closing or not self._thread.is_alive():
            return
        self._driver.closing = True
        self.begin_no_more()
        deadline = deadline or Deadline()
        self.stop_all(deadline)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(deadline.step().left)
        atexit.unregister(self.close)


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return a loop for all runs: the faster one where it is installed, as in the image."""
    try:
        uvloop = import_module("uvloop")
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


async def _cancel(tasks: Iterable[asyncio.Task[Any] | None]) -> None:
    left = [task for task in tasks if task and task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
