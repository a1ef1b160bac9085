"""The driver: takes a turn to its end, event by event, saves it on the way, and settles it afterwards."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from contextvars import copy_context
from functools import partial

from orchat.errors import OpenRouterError, OrchatError, StoreError
from orchat.events import AnnotationAdded, Finished, ImageAdded, Queued, Routed, ToolEnded, ToolStarted
from orchat.fair_queue import FairQueue
from orchat.logs import RUN
from orchat.relay.alone import Alone
from orchat.run import LocalRun, Run, State, Turn
from orchat.tracing import Span

SAVE_EVERY = 1.0
END_SAVE_DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
MATTERS = (Routed, Finished, AnnotationAdded, ImageAdded, ToolStarted, ToolEnded)
"""Events after which a turn is saved at once; apart from that it is saved every `SAVE_EVERY` seconds."""
LET_GO_AFTER = 3.0
"""Seconds after its end in which pages that follow an answer have drawn the rest of it."""
log = logging.getLogger(__name__)


class Driver:
    """Drives the runs of one process, on the event loop that calls it."""

    def __init__(
        self, queue: FairQueue, save_every: float = SAVE_EVERY, elsewhere: Callable[[], Alone] = Alone
    ) -> None:
        """`elsewhere` returns what is known of other replicas."""
        self.closing = False
        """Set when the process ends: what can wait is left undone."""
        self.watchers: list[Callable[[Run], None]] = []
        """Told of each run that has ended and is settled, on a worker thread."""
        self._queue = queue
        self._save_every = save_every
        self._elsewhere = elsewhere

    async def drive(self, run: LocalRun, turn: Turn) -> None:
        """Run the turn of a run to its end, whatever that is, and settle it."""
        RUN.set(turn.message_id)
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(self._answer(run, turn))
        run.cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        if run.stop_requested:
            task.cancel()
        state: State = "done"
        error: OrchatError | None = None
        try:
            await task
        except asyncio.CancelledError:
            state = "stopped"
        except OrchatError as problem:
            state, error = "failed", problem
        except Exception as problem:
            # A bug of ours or of a tool: the answer has to end and be kept all the same.
            log.exception("A turn failed unexpectedly")
            state, error = "failed", OpenRouterError("Something went wrong inside orchat.", detail=repr(problem))
        run.state, run.error = await self._save_end(run, turn, state, error)
        run.flush()
        run.ended_at = time.monotonic()
        log.info("Answer %s: %s after %.1f s", turn.message_id, run.state, run.ended_at - run.started_at)
        run.finish()
        try:
            if not self.closing:
                await turn.settle()
        except Exception:
            log.exception("A finished turn could not be settled")
        finally:
            run.settled.set()
        for watcher in self.watchers:
            try:
                await _in_a_worker(partial(watcher, run))
            except Exception:
                log.exception("What watches the runs failed")
        loop.call_later(LET_GO_AFTER, run.let_go)

    async def _answer(self, run: LocalRun, turn: Turn) -> None:
        wake = asyncio.Event()
        saver = asyncio.ensure_future(self._save_regularly(run, turn, wake))
        try:
            with _span(turn).around():
                async with (
                    self._queue.slot(turn.owner, lambda before: run.happened(Queued(before))),
                    contextlib.aclosing(turn.events()) as events,
                ):
                    await self._elsewhere().admitted(run, *self._queue.most)
                    async for event in events:
                        run.happened(event)
                        if isinstance(event, MATTERS):
                            wake.set()
        finally:
            saver.cancel()

    async def _save_regularly(self, run: LocalRun, turn: Turn, wake: asyncio.Event) -> None:
        while run.active:
            # Not wait_for: up to Python 3.11 it loses a cancellation that comes while what it waits for is done.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._save_every):
                    await wake.wait()
            wake.clear()
            # Also while nothing comes: other processes tell by the time of the last save that it is not abandoned.
            # Shielded: a save that has begun is finished before the last one begins.
            await asyncio.shield(self._save(run, turn, "streaming", None))

    async def _save_end(
        self, run: LocalRun, turn: Turn, state: State, error: OrchatError | None
    ) -> tuple[State, OrchatError | None]:
        """Save how it ended. It has been paid for: a full or busy disk is waited for before it is given up."""
        for delay in (*END_SAVE_DELAYS, None):
            if await self._save(run, turn, state, error):
                return state, error
            if delay is None or self.closing:
                break
            await asyncio.sleep(delay)
        return "failed", StoreError("The answer has come, and could not be saved.")

    async def _save(self, run: LocalRun, turn: Turn, state: State, error: OrchatError | None) -> bool:
        async with run.saving:
            if state == "streaming" and not run.active:
                return True
            try:
                await _in_a_worker(partial(turn.save, state, error))
            except OrchatError as problem:
                # It is tried every second: a line for each is enough.
                log.warning("An answer could not be saved: %s", problem.message)
                return False
            except Exception:
                log.exception("An answer could not be saved")
                return False
            return True


def _span(turn: Turn) -> Span:
    return Span("turn", {"gen_ai.conversation.id": turn.conversation_id, "orchat.message.id": turn.message_id})


async def _in_a_worker(work: Callable[[], None]) -> None:
    try:
        done = asyncio.get_running_loop().run_in_executor(None, copy_context().run, work)
    except RuntimeError:
        # The interpreter is ending and has closed its thread pools: do it right here.
        work()
    else:
        await done
