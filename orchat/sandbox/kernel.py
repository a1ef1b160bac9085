"""An interpreter in its own process: cells go in, what they say comes out, and it ends when it has to."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from orchat.errors import SandboxProtocolError, SandboxUnavailableError
from orchat.sandbox import processes
from orchat.sandbox.collector import Collector
from orchat.sandbox.frames import encode
from orchat.sandbox.launch import Launch, Place, end, start
from orchat.sandbox.result import Limit
from orchat.sandbox.users import give
from orchat.sandbox.watch import Watched, watch

START_WITHIN = 30.0
LOAD_WITHIN = 60.0
GRACE = 1.5
"""Seconds between an interrupt and the end of an interpreter that does not heed it."""
REPEAT = (0.3, 0.8)
"""When to interrupt again (seconds after the first time): a busy machine may not have begun with the cell by then."""


class Kernel(Protocol):
    """Something that runs cells, here or elsewhere."""

    alive: bool

    def begin(self) -> None:
        """Forget interrupts of earlier cells: from now on they are meant for the next one."""
        ...

    def run(self, code: str, timeout: float, collector: Collector) -> None:
        """Run a cell; sets `collector.limit` if it ended for a limit. Without `collector.done`, the interpreter ended.

        Raises:
            SandboxProtocolError: the interpreter said what it may not say, and is ended.
        """
        ...

    def interrupt(self) -> None:
        """End the cell that runs, if there is one; from any thread."""
        ...

    def close(self) -> None:
        """End the interpreter and all that it started; from any thread, and again is harmless."""
        ...


class LocalKernel:
    """An interpreter behind pipes on this machine. One thread at a time runs cells; any may interrupt or close."""

    def __init__(self, launch: Launch, place: Place, on_close: Callable[[], None] = lambda: None) -> None:
        """Start it and wait until it is ready; `on_close` is called once, after its end.

        Raises:
            SandboxUnavailableError: it does not start.
        """
        self.alive = True
        self._launch = launch
        self._limits = place.limits
        self._uid = place.uid
        self._stop_asked = self._stop_now = False
        self._released = False
        self._limit: Limit | None = None
        self._using = threading.RLock()
        self._watched: Watched | None = None
        self._on_close = on_close
        self._process, self._pipes = start(launch)
        self.pid = self._process.pid
        try:
            self._get_ready(place)
        except BaseException:
            self.close()
            raise

    def _get_ready(self, place: Place) -> None:
        starting = Collector(0, self._limits)
        set_up = {"rlimits": self._limits.rlimits(), "cpu": self._limits.cpu, **self._launch.set_up(self._process.pid)}
        try:
            self._pipes.exchange(encode(set_up), starting, "ready", self._pulse(START_WITHIN))
        except SandboxProtocolError as error:
            raise SandboxUnavailableError(f"The interpreter did not start: {error.message}") from None
        if not starting.done:
            self._pipes.drain(starting)
            starting.close()
            text = starting.stderr.text() or starting.stdout.text()
            # Docker's client ends with where to read about its options.
            said = [line for line in text.strip().splitlines() if line.strip() and "--help" not in line]
            reason = said[-1] if said else f"it gave no sign within {START_WITHIN:.0f} seconds"
            raise SandboxUnavailableError(f"The interpreter did not start: {reason[:500]}.")
        try:
            found = self._launch.container() if self._launch.container else None
            above, generations = (found, 1) if found else (self._process.pid, self._launch.generations)
            self.pid = processes.descend(above, generations)
        except ProcessLookupError:
            raise SandboxUnavailableError("The interpreter did not start: it ended at once.") from None
        mounts = () if self._launch.container and not found else self._launch.temporary_folders
        self._watched = self._watch(place, above, mounts, own_group=found is not None)
        watch.add(self._watched)

    def _watch(self, place: Place, above: int, inside: tuple[str, ...], *, own_group: bool) -> Watched:
        top = processes.descend(above, min(1, self._launch.generations))
        mounts = tuple(f"/proc/{top}/root{folder}" for folder in inside)
        folders = tuple(folder for folder in (place.workspace, place.temporary) if folder.is_dir())
        return Watched(above, self.pid, self._limits, folders, mounts, self._on_breach, own_group)

    def run(self, code: str, timeout: float, collector: Collector) -> None:
        """Run a cell, as `Kernel.run` says."""
        with self._using:
            if not self.alive:
                return
            if self._watched:
                watch.busy(self._watched, busy=True)
            try:
                frame = encode({"code": code, "id": collector.number})
                self._pipes.exchange(frame, collector, "done", self._pulse(timeout))
            except SandboxProtocolError:
                self.close()
                raise
            finally:
                if self.alive:
                    self._pipes.drain(collector)
                collector.limit = self._limit or collector.limit
                if self._watched:
                    watch.busy(self._watched, busy=False)
                if not collector.done:
                    self.close()

    def begin(self) -> None:
        """Forget interrupts, as `Kernel.begin` says."""
        if self._watched:
            self._watched.cells += 1
        self._limit, self._stop_asked, self._stop_now = None, False, False

    def load(self, modules: list[str]) -> None:
        """Import modules ahead of the first cell.

        Raises:
            SandboxUnavailableError: the interpreter ended over it.
        """
        with self._using:
            loading = Collector(0, self._limits)
            self._pipes.exchange(encode({"load": modules}), loading, "loaded", self._pulse(LOAD_WITHIN))
            if not loading.done:
                self.close()
                raise SandboxUnavailableError("The interpreter ended while it loaded its packages.")

    def move(self, workspace: Path) -> None:
        """Work in a folder that has taken the place of the first one."""
        if self._uid is not None:
            give(workspace, self._uid)
        if self._watched:
            self._watched.folders = (workspace, *self._watched.folders[1:])
        if self._launch.home_moves:
            self._pipes.send(encode({"home": str(workspace)}))

    def _pulse(self, timeout: float) -> Callable[[], float | None]:
        """Ask to stop when the time is over or somebody wants it, and give up when asking did not help."""
        deadline = time.monotonic() + timeout
        asked_at: float | None = None
        repeat = iter(REPEAT)
        ask_next = 0.0

        def pulse() -> float | None:
            nonlocal asked_at, ask_next
            now = time.monotonic()
            if self._stop_now or not self.alive:
                return None
            if now >= deadline and not self._stop_asked:
                self._limit = "time"
                self._stop_asked = True
            if not self._stop_asked:
                return deadline - now
            asked_at = asked_at or now
            if now >= asked_at + ask_next:
                self._signal()
                ask_next = next(repeat, GRACE)
            return None if now >= asked_at + GRACE else asked_at + ask_next - now

        return pulse

    def interrupt(self) -> None:
        """End the cell that runs: with a signal, and after `GRACE` seconds for good."""
        self._stop_asked = True
        self._pipes.wake()

    def _on_breach(self, limit: Limit, hopeless: bool) -> None:
        self._limit = limit
        self._stop_now = self._stop_now or hopeless
        self.interrupt()
        if hopeless and self._watched and not self._watched.busy:
            self.close()

    def _signal(self) -> None:
        if self._launch.interrupt is not None:
            self._launch.interrupt()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, signal.SIGINT)

    def close(self) -> None:
        """End the interpreter and all that it started."""
        self.alive = False
        if self._watched:
            watch.remove(self._watched)
        end(self._process, self._launch)
        self._pipes.wake()
        with self._using:
            if self._released:
                return
            self._released = True
            self._pipes.release()
        self._on_close()
