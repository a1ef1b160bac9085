"""A sandbox: a folder and an interpreter that holds state from cell to cell, and is replaced when it had to end."""

import asyncio
import contextvars
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from orchat.errors import SandboxError, SandboxProtocolError
from orchat.sandbox.choice import engine_for
from orchat.sandbox.collector import Collector, OnOutput, ignore
from orchat.sandbox.engine import Engine
from orchat.sandbox.folders import Usage, entries, remove_tree
from orchat.sandbox.frames import MAX_CODE
from orchat.sandbox.kernel import Kernel
from orchat.sandbox.limits import Limits
from orchat.sandbox.result import CellError, Result
from orchat.sandbox.workspace import Workspace

T = TypeVar("T")
TIMEOUT = 30.0
FILE_CLOCK = 5
"""CLOCK_REALTIME_COARSE: the clock that file times come from, which ticks more slowly than others."""
FILE_CLOCK_TICK = 0.01

ADVICE = {
    "time": "ran longer than the {timeout:g} seconds it had",
    "cpu": "used up its processor time",
    "memory": "used more than {memory} MiB of memory",
    "processes": "started more than {processes} processes and threads",
    "disk": "wrote more than {disk} MiB",
    "files": "made more than {files} files",
    "output": "displayed more than is kept",
}


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
            kernel, fresh = self._get_kernel()
            self._cells += 1
            collector = Collector(self._cells, self.limits, on_output)
            moment, began = time.clock_gettime(FILE_CLOCK), time.monotonic()
            broken: SandboxProtocolError | None = None
            try:
                kernel.run(code, timeout, collector)
            except SandboxProtocolError as error:
                broken = error
            collector.close()
            self.last_used = time.monotonic()
            return self._result(collector, broken, fresh, moment, self.last_used - began, timeout)

    def _get_kernel(self) -> tuple[Kernel, bool]:
        if self._closed:
            raise SandboxError("This sandbox is closed.")
        if self._kernel is not None and self._kernel.alive:
            return self._kernel, False
        fresh = self._had_one
        self._kernel = self._start(self)
        self._had_one = True
        # What was copied for it must not seem to be the cell's work.
        time.sleep(FILE_CLOCK_TICK)
        return self._kernel, fresh

    def _result(
        self,
        collector: Collector,
        broken: SandboxProtocolError | None,
        fresh: bool,
        moment: float,
        duration: float,
        timeout: float,
    ) -> Result:
        ended = not self.alive
        interrupted = self._stopping.is_set()
        written, used = self.files.written_since(moment)
        removed = self._remove_excess(used, moment)
        if removed and collector.limit is None:
            collector.limit = "disk" if used.size > self.limits.disk else "files"
        return Result(
            stdout=collector.stdout.text(),
            stderr=collector.stderr.text(),
            error=self._error(collector, broken, interrupted, timeout),
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

    def _error(
        self, collector: Collector, broken: SandboxProtocolError | None, interrupted: bool, timeout: float
    ) -> CellError | None:
        """The cell's own error; ours where the cell did not end by itself."""
        own = collector.error
        limit = collector.limit
        stopped = own is None or own.name == "KeyboardInterrupt"
        after = "" if self.alive else " The interpreter ended with it: variables are gone, files are there."
        if limit is not None and stopped and (own is not None or not self.alive or limit in {"disk", "files"}):
            values = {
                "timeout": timeout,
                "memory": self.limits.memory >> 20,
                "disk": self.limits.disk >> 20,
                "processes": self.limits.processes,
                "files": f"{self.limits.files:,}",
            }
            return CellError("LimitExceeded", f"The code {ADVICE[limit].format(**values)}.{after}")
        if broken is not None:
            return CellError(type(broken).__name__, f"{broken.message}{after}")
        if own is None and not collector.done:
            if interrupted:
                return CellError("KeyboardInterrupt", f"The code was stopped.{after}")
            return CellError("InterpreterEnded", f"The code ended its interpreter.{after}")
        return own

    def _remove_excess(self, used: Usage, moment: float) -> frozenset[str]:
        """Delete what a cell wrote beyond what the folder may hold: else no later cell could run."""
        if used.size <= self.limits.disk and used.files <= self.limits.files:
            return frozenset()
        # Only what is later for certain: a file of the cell before may be of the same tick.
        written = [entry.path for entry in entries(self.workspace) if entry.status.st_ctime > moment]
        return frozenset(name for name in reversed(written) if self.files.remove(name))

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
        if self.busy and self._kernel is not None:
            self._stopping.set()
            self._kernel.interrupt()

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


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a thread of its own: a cell may take minutes, and asyncio's shared threads are few."""
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[Any], None], value: Any) -> None:
        def now() -> None:
            if not done.done():
                set_it(value)

        loop.call_soon_threadsafe(now)

    def body() -> None:
        try:
            settle(done.set_result, context.run(work))
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            settle(done.set_exception, error)

    threading.Thread(target=body, name="orchat-sandbox-cell", daemon=True).start()
    return await done
