"""The pool: sessions by key, interpreters that wait for them, and an end for those that nobody uses."""

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from orchat.errors import SandboxError
from orchat.sandbox.engine import Engine
from orchat.sandbox.in_thread import in_thread
from orchat.sandbox.kernel import Kernel
from orchat.sandbox.limits import MIB
from orchat.sandbox.queueing import Places
from orchat.sandbox.sandbox import Sandbox
from orchat.sandbox.warm import WarmKernels

IDLE_AFTER = 900.0
FORGET_AFTER = 8 * 3600.0
WAIT_AT_MOST = 60.0
LOOK_EVERY = 15.0
FOR_THE_REST = 2048 * MIB
"""Memory left to orchat and the system."""
log = logging.getLogger(__name__)


class Pool:
    """Sandboxes of many people. Thread-safe."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        *,
        warm: int = 1,
        per_owner: int = 2,
        total: int | None = None,
        idle_after: float = IDLE_AFTER,
        wait_at_most: float = WAIT_AT_MOST,
    ) -> None:
        """`engine` is asked once, at first use; `total` is by default what the machine's memory allows."""
        self._make_engine = engine
        self._engine: Engine | None = None
        self._engine_lock = threading.Lock()
        self._idle_after = idle_after
        self._wait_at_most = wait_at_most
        self._warm = WarmKernels(warm)
        self._sessions: dict[str, tuple[str, Sandbox]] = {}
        self._lock = threading.Lock()
        self._total = total
        self._places = Places(per_owner, total or 1, self._live, self._free_one)
        self._wake = threading.Event()
        self._closed = False
        self._keeper: threading.Thread | None = None

    def engine(self) -> Engine:
        """What starts interpreters.

        Raises:
            SandboxUnavailableError: nothing on this machine can.
        """
        with self._engine_lock:
            if self._engine is None:
                self._engine = self._make_engine()
                if self._total is None:
                    self._places.total = most_interpreters(self._engine.limits.memory)
            return self._engine

    def prepare(self) -> None:
        """Begin to start interpreters in the background, and go on looking after them."""
        with self._lock:
            if self._closed or (self._keeper is not None and self._keeper.is_alive()):
                return
            self._keeper = threading.Thread(target=self._keep, name="orchat-sandbox-pool", daemon=True)
            self._keeper.start()

    def session(self, owner: str, key: str, workspace: Path) -> Sandbox:
        """The sandbox of a key, made at its first use. Its interpreter starts with the first cell.

        Raises:
            SandboxUnavailableError: nothing on this machine can run code.
            SandboxError: the key is another owner's, or the pool is closed.
        """
        engine = self.engine()
        self.prepare()
        with self._lock:
            if self._closed:
                raise SandboxError("The sandbox has been shut down.")
            known = self._sessions.get(key)
            if known is not None and known[0] != owner:
                raise SandboxError("This session belongs to somebody else.")
            if known is None:
                workspace = workspace.absolute()
                workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
                known = owner, Sandbox(workspace, engine.limits, lambda box: self._start(owner, box))
                self._sessions[key] = known
            return known[1]

    def _start(self, owner: str, box: Sandbox) -> Kernel:
        engine = self.engine()
        self._places.take(owner, self._wait_at_most, lambda: box.stopping)
        try:
            kernel = self._warm.take(box.workspace) or engine.start(box.workspace, box.limits)
        finally:
            self._places.give_back(owner)
        self._wake.set()
        return kernel

    @property
    def live(self) -> int:
        """How many sessions have an interpreter; those that wait for a session are not among them."""
        return len(self._live())

    def _live(self) -> list[str]:
        with self._lock:
            return [owner for owner, box in self._sessions.values() if box.alive]

    def _free_one(self, owner: str | None) -> bool:
        """End the interpreter that has been idle longest."""
        with self._lock:
            boxes = [box for whose, box in self._sessions.values() if box.alive and owner in (None, whose)]
        return any(box.suspend_if_idle() for box in sorted(boxes, key=lambda box: box.last_used))

    def close(self, key: str) -> None:
        """End the sandbox of a key; its files stay."""
        with self._lock:
            known = self._sessions.pop(key, None)
        if known is not None:
            known[1].close()

    def shut_down(self) -> None:
        """End everything."""
        with self._lock:
            self._closed = True
            sessions, self._sessions = list(self._sessions.values()), {}
        self._wake.set()
        for _, box in sessions:
            box.close()
        self._warm.close()
        if self._keeper is not None:
            self._keeper.join(10)

    async def aclose(self) -> None:
        """End everything, from asyncio."""
        await in_thread(self.shut_down)

    def _keep(self) -> None:
        while not self._closed:
            try:
                self._warm.refill(self.engine())
            except (SandboxError, OSError) as error:
                log.warning("No interpreter could be started ahead of its use: %s", error)
            self._reap()
            self._wake.wait(min(LOOK_EVERY, self._idle_after / 2))
            self._wake.clear()

    def _reap(self) -> None:
        now = time.monotonic()
        with self._lock:
            idle = [(key, box, now - box.last_used) for key, (_, box) in self._sessions.items() if not box.busy]
            for key, box, since in idle:
                if since > max(FORGET_AFTER, self._idle_after) and not box.alive:
                    del self._sessions[key]
        for _, box, since in idle:
            if since > self._idle_after:
                box.suspend_if_idle()


def most_interpreters(memory: int) -> int:
    """How many interpreters of so much memory (bytes) the machine can hold at once; two at least."""
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(2, (there - FOR_THE_REST) // memory)
