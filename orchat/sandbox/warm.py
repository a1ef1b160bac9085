"""Interpreters that were started before anybody asked, with the slow packages loaded."""

import contextlib
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from orchat.sandbox.adoption import adopt
from orchat.sandbox.engine import Engine
from orchat.sandbox.folders import remove_tree
from orchat.sandbox.kernel import LocalKernel

PACKAGES = ["numpy", "pandas", "matplotlib.pyplot"]
KEEP_FOR = 1800.0


@dataclass(frozen=True, slots=True)
class Early:
    """One of them, with the folder it has until a session takes it."""

    kernel: LocalKernel
    folder: Path
    made_at: float


class WarmKernels:
    """Keeps `count` of them ready."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._ready: deque[Early] = deque()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def refill(self, engine: Engine) -> None:
        """Start as many as are missing; those that grew old or ended are replaced.

        Raises:
            SandboxError: they do not start.
        """
        with self._lock:
            old = [early for early in self._ready if not usable(early)]
            self._ready = deque(early for early in self._ready if usable(early))
        for early in old:
            discard(early)
        while engine.is_here and not self._closed.is_set() and len(self._ready) < self._count:
            folder = engine.scratch.new("early")
            folder.mkdir(mode=0o700)
            kernel = engine.start_here(folder, engine.limits)
            kernel.load(PACKAGES)
            early = Early(kernel, folder, time.monotonic())
            with self._lock:
                if not self._closed.is_set():
                    self._ready.append(early)
                    continue
            discard(early)

    def take(self, workspace: Path) -> LocalKernel | None:
        """One that now works in a session's folder, if there is one and the folder allows it."""
        with self._lock:
            early = self._ready.popleft() if self._ready else None
        if early is None or not usable(early):
            return None
        if not adopt(early.folder, workspace):
            with self._lock:
                self._ready.appendleft(early)
            return None
        early.kernel.move(workspace)
        with contextlib.suppress(OSError):
            remove_tree(early.folder)
        return early.kernel

    def close(self) -> None:
        """End them all."""
        with self._lock:
            self._closed.set()
            early, self._ready = list(self._ready), deque()
        for one in early:
            discard(one)


def usable(early: Early) -> bool:
    """Whether it lives and is not old."""
    return early.kernel.alive and time.monotonic() - early.made_at < KEEP_FOR


def discard(early: Early) -> None:
    """End it, and remove its folder."""
    early.kernel.close()
    with contextlib.suppress(OSError):
        remove_tree(early.folder)
