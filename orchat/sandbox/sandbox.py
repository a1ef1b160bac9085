"""A sandbox: a folder and an interpreter that holds state from cell to cell, and is replaced when it had to end."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from orchat.errors import SandboxBusyError, SandboxError, SandboxProtocolError
from orchat.sandbox.choice import engine_for
from orchat.sandbox.collector import Collector, OnOutput, ignore
from orchat.sandbox.ending import STOPPED, error_of
from orchat.sandbox.engine import Engine
from orchat.sandbox.folders import Entry, Usage, remove_tree
from orchat.sandbox.frames import MAX_CODE
from orchat.sandbox.in_thread import in_thread
from orchat.sandbox.kernel import Kernel
from orchat.sandbox.limits import Limits
from orchat.sandbox.result import Result
from orchat.sandbox.workspace import Workspace

TIMEOUT = 30.0


class Sandbox:
    """Runs cells one after the other. Open it with `Sandbox.open`, and close it, or use it as a context manager."""

    def __init__(self, workspace: Path, limits: Limits, start: Callable[["Sandbox"], Kernel]) -> None:
        self.workspace = workspace
        self.limits = limits
        self.files = Workspace(workspace)
        self.last_used = time.monotonic()
        self._start = start
        self._kernel: Kernel | None = None
        self._running = threading.Lock()
        self._stopping = threading.Event()
        self._stop_lock = threading.Lock()
        self._in_cell = False
        self._closed = False
        self._cells = 0
        self._had_one = False
        self._on_close: list[Callable[[], None]] = []

    @classmethod
    def open(
        cls,
        workspace: str | Path | None = None,
        limits: Limits | None = None,
        backend: str = "auto",
        *,
        engine: Engine | None = None,
    ) -> Self:
        """Open a sandbox on a folder (a temporary one without), with a backend by name or the best that holds.

        Raises:
            SandboxUnavailableError: the backend that was asked for does not hold on this machine, or none does.
        """
        engine = engine or engine_for(backend)
        limits = limits or engine.limits
        own = None if workspace is not None else Path(tempfile.mkdtemp(prefix="orchat-sandbox-"))
        folder = Path(workspace or own or "").absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        box = cls(folder, limits, lambda box: engine.start(box.workspace, limits))
        if own is not None:
            box.on_close(lambda: remove_tree(folder))
        try:
            box.start()
        except BaseException:
            box.close()
            raise
        return box

    def start(self) -> None:
        """Start the interpreter, if there is none; a cell does that by itself.

        Raises:
            SandboxUnavailableError: it does not start.
        """
        with self._running:
            self._get_kernel()

    def on_close(self, action: Callable[[], None]) -> None:
        """Have something done after the end."""
        self._on_close.append(action)

    @property
    def alive(self) -> bool:
        """Whether there is an interpreter, and thus variables."""
        return self._kernel is not None and self._kernel.alive

    @property
    def busy(self) -> bool:
        """Whether a cell runs."""
        return self._running.locked()

    def run(self, code: str, timeout: float = TIMEOUT, on_output: OnOutput = ignore) -> Result:
        """Run a cell and wait for it, at most `timeout` seconds and a little.

        What goes wrong in the cell, or because of it, is in the result. A second call waits for the first.

        Raises:
            SandboxError: the sandbox is closed, or the code is longer than can be sent.
            SandboxUnavailableError: a new interpreter is needed and does not start.
        """
        if len(code) > MAX_CODE:
            raise SandboxError("The code is too long to be run.")
        with self._running:
            self._stopping.clear()
            try:
                kernel, fresh = self._get_kernel()
            except SandboxBusyError:
                if self._stopping.is_set():
                    return STOPPED
                raise
            with self._stop_lock:
                if self._stopping.is_set():
                    return STOPPED
                kernel.begin()
                self._in_cell = True
            self._cells += 1
            collector = Collector(self._cells, self.limits, on_output)
            began = time.monotonic()
            broken: SandboxProtocolError | None = None
            try:
                kernel.run(code, timeout, collector)
            except SandboxProtocolError as error:
                broken = error
            finally:
                with self._stop_lock:
                    self._in_cell = False
            collector.close()
            self.last_used = time.monotonic()
            return self._result(collector, broken, fresh, self.last_used - began, timeout)

    def _get_kernel(self) -> tuple[Kernel, bool]:
        if self._closed:
            raise SandboxError("This sandbox is closed.")
        if self._kernel is not None and self._kernel.alive:
            return self._kernel, False
        fresh = self._had_one
        self._kernel = self._start(self)
        self._had_one = True
        # What was copied or moved for it must not seem to be the cell's work.
        self.files.remember()
        return self._kernel, fresh

    def _result(
        self,
        collector: Collector,
        broken: SandboxProtocolError | None,
        fresh: bool,
        duration: float,
        timeout: float,
    ) -> Result:
        ended = not self.alive
        interrupted = self._stopping.is_set()
        changed, used = self.files.look()
        removed = self._remove_excess(changed, used)
        written = sorted(entry.path for entry in changed if entry.is_plain)
        if removed and collector.limit is None:
            collector.limit = "disk" if used.size > self.limits.disk else "files"
        return Result(
            stdout=collector.stdout.text(),
            stderr=collector.stderr.text(),
            error=error_of(collector, broken, self.limits, timeout, stopped=interrupted, alive=not ended),
            outputs=tuple(collector.outputs),
            files=tuple(name for name in written if name not in removed)[: self.limits.collected_files],
            duration=duration,
            limit=collector.limit,
            interrupted=interrupted,
            dropped=collector.dropped,
            fresh=fresh,
            ended=ended,
            removed=len(removed),
        )

    def _remove_excess(self, changed: list[Entry], used: Usage) -> frozenset[str]:
        """Delete what a cell wrote beyond what the folder may hold: else no later cell could run."""
        if used.size <= self.limits.disk and used.files <= self.limits.files:
            return frozenset()
        return frozenset(entry.path for entry in reversed(changed) if self.files.remove(entry.path))

    async def arun(self, code: str, timeout: float = TIMEOUT, on_output: OnOutput = ignore) -> Result:  # noqa: ASYNC109
        """Run a cell like `run`, from asyncio. Cancelling it interrupts the cell. `on_output` is called in a thread."""
        running = asyncio.ensure_future(in_thread(lambda: self.run(code, timeout, on_output)))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.interrupt()
            await asyncio.wait([running])
            raise

    def interrupt(self) -> None:
        """Stop the cell that runs: its variables are kept if it heeds the interrupt within 1.5 seconds."""
        with self._stop_lock:
            if self.busy:
                self._stopping.set()
            if self._in_cell and self._kernel is not None:
                self._kernel.interrupt()

    @property
    def stopping(self) -> bool:
        """Whether somebody wants the cell to stop."""
        return self._stopping.is_set()

    def reset(self) -> None:
        """Forget all variables; the files stay."""
        self.suspend()
        with self._running:
            self._had_one = False

    def suspend(self) -> None:
        """End the interpreter until the next cell."""
        if self._kernel is not None:
            self._kernel.close()

    def suspend_if_idle(self) -> bool:
        """End the interpreter until the next cell, unless a cell runs; say whether there was one to end."""
        if not self._running.acquire(blocking=False):
            return False
        try:
            alive = self.alive
            self.suspend()
            return alive
        finally:
            self._running.release()

    def close(self) -> None:
        """End it. The folder stays, unless it was a temporary one."""
        self._closed = True
        self.suspend()
        with self._running:
            actions, self._on_close = self._on_close, []
        for action in actions:
            action()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
