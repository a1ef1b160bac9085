"""The four pipes to an interpreter, read together, so that none of them can make the others wait."""

import contextlib
import os
import selectors
import threading
from collections.abc import Callable
from typing import Literal

from orchat.sandbox.collector import Collector
from orchat.sandbox.frames import Frames

CHUNK = 1 << 16
DRAIN_AT_MOST = 64
"""Chunks read after the end of a cell; a pipe holds one, but a thread may go on to write."""


class Pipes:
    """Code goes in; frames come out, and beside them what programs print."""

    def __init__(self, incoming: int, frames: int, texts: dict[int, Literal["stdout", "stderr"]]) -> None:
        self._incoming = incoming
        self._outgoing = frames
        self._texts = texts
        self._frames = Frames()
        self._lock = threading.Lock()
        self._released = False
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for descriptor in (incoming, frames, *texts):
            os.set_blocking(descriptor, False)

    def exchange(self, data: bytes, collector: Collector, until: str, pulse: Callable[[], float | None]) -> None:
        """Send bytes and collect what comes, until the frame `until`, or the end of the interpreter.

        `pulse` is asked before each wait how many seconds it may last; None gives up.

        Raises:
            SandboxProtocolError: a frame is not one that an interpreter may send.
        """
        pending = memoryview(data)
        with selectors.DefaultSelector() as ready:
            for descriptor in (self._outgoing, self._wake_read, *self._texts):
                ready.register(descriptor, selectors.EVENT_READ)
            ready.register(self._incoming, selectors.EVENT_WRITE)
            while not collector.done and (wait := pulse()) is not None:
                for key, _ in ready.select(max(wait, 0)):
                    if key.fd == self._incoming:
                        pending = self._send(pending)
                        finished = not pending
                    elif key.fd == self._outgoing:
                        if not self._take(collector, until):
                            return
                        finished = False
                    else:
                        finished = not self._read(key.fd, collector)
                    if finished:
                        ready.unregister(key.fd)

    def _send(self, pending: memoryview) -> memoryview:
        try:
            return pending[os.write(self._incoming, pending) :]
        except BlockingIOError:
            return pending
        except OSError:
            return pending[:0]

    def _take(self, collector: Collector, until: str) -> bool:
        """Take frames; False when the interpreter has gone."""
        data = read_some(self._outgoing)
        for frame in self._frames.feed(data or b""):
            if until != "done" and until in frame:
                collector.done = True
            else:
                collector.take(frame)
        return data != b""

    def _read(self, descriptor: int, collector: Collector) -> bool:
        """Take text; False at its end."""
        data = read_some(descriptor)
        if data and descriptor in self._texts:
            (collector.stdout if self._texts[descriptor] == "stdout" else collector.stderr).add(data)
        return data != b""

    def drain(self, collector: Collector) -> None:
        """Take the text that was written before the end of a cell and has not been read."""
        for descriptor in self._texts:
            for _ in range(DRAIN_AT_MOST):
                data = read_some(descriptor)
                if not data:
                    break
                (collector.stdout if self._texts[descriptor] == "stdout" else collector.stderr).add(data)

    def send(self, data: bytes) -> None:
        """Send something short that has no answer."""
        with contextlib.suppress(OSError):
            os.write(self._incoming, data)

    def wake(self) -> None:
        """Let `exchange` ask `pulse` again; from any thread."""
        with self._lock, contextlib.suppress(OSError):
            if not self._released:
                os.write(self._wake_write, b"!")

    def release(self) -> None:
        """Close all of them."""
        with self._lock:
            self._released = True
        for descriptor in {self._incoming, self._outgoing, *self._texts, self._wake_read, self._wake_write}:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def read_some(descriptor: int) -> bytes | None:
    """What is there: None if nothing is yet, no bytes at the end."""
    try:
        return os.read(descriptor, CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""
