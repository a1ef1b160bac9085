"""How an interpreter is started: what a backend makes of a session, and the process that comes of it."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from orchat.errors import SandboxUnavailableError
from orchat.sandbox import processes
from orchat.sandbox.egress import Egress, Handover
from orchat.sandbox.limits import Limits
from orchat.sandbox.pipes import Pipes
from orchat.sandbox.python import UserPython

GONE_WITHIN = 2.0
RUNNER = Path(__file__).parent / "runner"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session runs, on the host: its folder, and a uid of its own where there can be one."""

    workspace: Path
    temporary: Path
    """A folder for backends that have no private one; theirs to make, the session's to remove."""
    limits: Limits
    python: UserPython
    uid: int | None = None
    egress: Egress | None = None
    """What its code may reach; only for a backend that gives it a network of its own."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command, and what its runner is told first. The process' pid is known only then, hence a function."""

    command: list[str]
    set_up: Callable[[int], dict[str, Any]]
    environment: dict[str, str] | None = field(default_factory=dict)
    """What the command gets for variables; None for orchat's own, where it is no sandbox itself."""
    descriptors: tuple[int, ...] = ()
    """To be inherited, and closed here afterwards."""
    separate_output: bool = True
    """Whether frames have a descriptor of their own, which is then the command's last argument."""
    generations: int = 0
    """How many processes stand above the interpreter, the command's own included."""
    container: Callable[[], int | None] | None = None
    """Finds the process above the interpreter where it is none of the command's own; None if it is not seen here."""
    home_moves: bool = False
    """Whether the workspace has the same name inside as here, and another one when it is moved."""
    temporary_folders: tuple[str, ...] = ()
    """Mounts inside, whose files count."""
    interrupt: Callable[[], object] | None = None
    """How to interrupt, where a signal to the interpreter does not do."""
    kill: Callable[[], object] | None = None
    """What else to do to end it."""
    handover: Handover | None = None
    """Where the runner's port for the proxy comes from, if it has one."""


class Backend(Protocol):
    """A way to isolate an interpreter."""

    name: str
    own_network: bool
    """Whether an interpreter has a network to itself, in which a proxy can be all that there is."""

    def missing(self) -> str | None:
        """Why it cannot be used on this machine, as far as can be seen without trying; None if nothing is missing."""
        ...

    def separates(self, place: Place) -> bool:
        """Whether root can give the session a user id of its own there."""
        ...

    def launch(self, place: Place) -> Launch:
        """Say how to start an interpreter."""
        ...


class Spawner:
    """Starts processes from one thread that never ends.

    A child asks the kernel to be killed when its parent dies, and the parent is the thread that started it. A page's
    thread ends with every rerun.
    """

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]]
        self._orders = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a process, as `subprocess.Popen` does.

        Raises:
            OSError: it cannot be started.
        """
        done: Future[subprocess.Popen[bytes]] = Future()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="orchat-sandbox-spawner", daemon=True)
                self._thread.start()
        self._orders.put((lambda: subprocess.Popen(command, **options), done))  # noqa: S603 - the sandbox's own command
        return done.result()

    def _work(self) -> None:
        while True:
            order, done = self._orders.get()
            try:
                done.set_result(order())
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
                done.set_exception(error)


spawner = Spawner()


def start(launch: Launch) -> tuple[subprocess.Popen[bytes], Pipes]:
    """Start an interpreter.

    Raises:
        SandboxUnavailableError: its command cannot be run.
    """
    frames, theirs = os.pipe2(os.O_CLOEXEC) if launch.separate_output else (-1, -1)
    command = [*launch.command, str(theirs)] if launch.separate_output else launch.command
    descriptors = (*launch.descriptors, theirs) if launch.separate_output else launch.descriptors
    try:
        process = spawner.start(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=launch.environment,
            cwd="/",
            pass_fds=descriptors,
            start_new_session=True,
        )
    except OSError as error:
        if launch.separate_output:
            os.close(frames)
        raise SandboxUnavailableError(f"{command[0]} cannot be started: {error.strerror}.") from None
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    # The descriptors get one owner: the pipes, which outlast the process.
    incoming, output, errors = (os.dup(stream.fileno()) for stream in (process.stdin, process.stdout, process.stderr))
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    if launch.separate_output:
        return process, Pipes(incoming, frames, {output: "stdout", errors: "stderr"})
    return process, Pipes(incoming, output, {errors: "stderr"})


def end(process: subprocess.Popen[bytes], launch: Launch) -> None:
    """End an interpreter and all below it, and wait until they have gone."""
    pids = list(processes.tree(process.pid)) if process.poll() is None else []
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    if launch.kill is not None:
        # Not before: what still writes to a client that nobody reads is not ended by its server.
        launch.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GONE_WITHIN)
    # The kernel ends what is left in a namespace when its first process ends, but not in the same moment.
    deadline = time.monotonic() + GONE_WITHIN
    while any(map(processes.runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.002)
