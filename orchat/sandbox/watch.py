"""Watches what sessions take that the kernel does not limit by itself: one thread for all of them."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from orchat.sandbox import processes
from orchat.sandbox.folders import Usage, usage
from orchat.sandbox.limits import Limits
from orchat.sandbox.result import Limit

BUSY_EVERY, IDLE_EVERY = 0.1, 2.0
SHARE = 10
"""To measure may take a tenth of the time: the next time is that much later."""
ABOVE = 2
"""Processes of the backend itself."""
FREE_RESERVE = 256 << 20
"""Below so much free space on the disk nobody writes any more."""


@dataclass(slots=True, eq=False)
class Watched:
    """A session as the watch sees it."""

    pid: int
    """The outermost process."""
    interpreter: int
    limits: Limits
    folders: tuple[Path, ...]
    mounts: tuple[str, ...]
    """Temporary file systems of the session, as paths from here."""
    on_breach: Callable[[Limit, bool], None]
    """Called with the limit, and whether only the end of the interpreter helps."""
    own_group: bool = False
    """Whether the kernel counts its memory apart, as a container's: then it may be quicker than this watch."""
    killed: int = 0
    """Processes that the kernel has ended so, as far as they have been told of."""
    busy: bool = False
    cells: int = 0
    """How many have begun: what was measured before the last of them is not told as its doing."""
    due: float = 0.0
    warned: dict[Limit, float] = field(default_factory=dict)


class Watch:
    """The thread; it starts with the first session and sleeps while there is none."""

    def __init__(self) -> None:
        self._sessions: list[Watched] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, session: Watched) -> None:
        """Begin to watch."""
        with self._changed:
            self._sessions.append(session)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="orchat-sandbox-watch", daemon=True)
                self._thread.start()
            self._changed.notify()

    def remove(self, session: Watched) -> None:
        """Watch it no longer."""
        with self._changed, contextlib.suppress(ValueError):
            self._sessions.remove(session)

    def busy(self, session: Watched, *, busy: bool) -> None:
        """Look often while code runs, and seldom else."""
        with self._changed:
            session.busy = busy
            # What a cell left is looked at by whoever ran it; here a moment later.
            session.due = 0.0 if busy else time.monotonic() + IDLE_EVERY
            session.warned.clear()
            if busy:
                self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._sessions:
                    self._changed.wait()
                now = time.monotonic()
                due = [session for session in self._sessions if session.due <= now]
                if not due:
                    self._changed.wait(min(session.due for session in self._sessions) - now)
                    continue
            for session in due:
                started = time.monotonic()
                look(session)
                ended = time.monotonic()
                every = BUSY_EVERY if session.busy else IDLE_EVERY
                session.due = ended + max(every, SHARE * (ended - started))


def look(session: Watched) -> None:
    """Measure a session once, and tell it what it has too much of."""
    cells, pids = session.cells, list(processes.tree(session.pid))
    limit = excess(session, pids)
    if session.cells != cells:
        # Another cell has begun: what is still too much then is found the next time.
        return
    if limit is None:
        if was_killed_for_memory(session):
            session.on_breach("memory", False)  # noqa: FBT003 - a callback has no names
        return
    others = [pid for pid in pids if pid not in ancestors(session, pids)]
    for pid in others:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    # What a process took comes back with its end only. What lies on a disk may still stop to grow.
    hopeless = limit == "cpu" or (limit == "memory" and not others)
    now = time.monotonic()
    first = session.warned.setdefault(limit, now)
    session.on_breach(limit, hopeless or now - first > 1.0)


def was_killed_for_memory(session: Watched) -> bool:
    """Whether the kernel has ended something of a session since this was asked last."""
    before = session.killed
    session.killed = processes.killed_for_memory(session.pid) if session.own_group else 0
    return session.killed > before


def ancestors(session: Watched, pids: list[int]) -> set[int]:
    """The interpreter and what stands above it: not to be killed one by one."""
    above = {session.pid, session.interpreter}
    for pid in pids:
        if session.interpreter in processes.children(pid):
            above.add(pid)
    return above


def excess(session: Watched, pids: list[int]) -> Limit | None:
    """Which limit a session is beyond, if any."""
    limits = session.limits
    if processes.resident(pids) > limits.memory and processes.proportional(pids) > limits.memory:
        return "memory"
    cpu, tasks = processes.cpu_and_tasks(pids)
    if cpu > limits.cpu_life:
        return "cpu"
    if tasks > limits.processes + ABOVE:
        return "processes"
    return excess_of_files(session, pids)


def excess_of_files(session: Watched, pids: list[int]) -> Limit | None:
    """Which limit of files a session is beyond, if any."""
    limits = session.limits
    total = Usage(size=processes.unlinked_bytes(pids))
    for folder in session.folders:
        with contextlib.suppress(OSError):
            found = usage(folder, Usage(limits.disk, limits.files))
            total.size += found.size
            total.files += found.files
            if session.busy and is_nearly_full(folder):
                return "disk"
    for mount in session.mounts:
        with contextlib.suppress(OSError):
            inside = os.statvfs(mount)
            total.files = max(total.files, inside.f_files - inside.f_ffree)
    if total.size > limits.disk:
        return "disk"
    return "files" if total.files > limits.files else None


def is_nearly_full(folder: Path) -> bool:
    """Whether the disk of a folder has so little left that code is stopped."""
    free = os.statvfs(folder)
    return free.f_bavail * free.f_frsize < FREE_RESERVE


watch = Watch()
