"""Frames between the runner and the application: four bytes of length, then JSON."""

import base64
import io
import json
import os
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any

MAX_FRAME = 8_000_000


class Channel:
    """Both directions. Frames come in on standard input, and go out on a descriptor of their own."""

    def __init__(self, outgoing: int | None) -> None:
        self._incoming = os.dup(0)
        self._outgoing = os.dup(1 if outgoing is None else outgoing)
        self._lock = threading.RLock()
        self.before_write: Callable[[], None] = lambda: None
        self.after_write: Callable[[], None] = lambda: None
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        assert isinstance(sys.stdout, io.TextIOWrapper)
        assert isinstance(sys.stderr, io.TextIOWrapper)
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        if outgoing is None:
            # A container has three streams and no more: what programs print goes with the errors.
            os.dup2(2, 1)
            sys.stdout = PrintedFrames(self)
        else:
            os.close(outgoing)
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the descriptor, not a path

    @property
    def descriptors(self) -> tuple[int, int]:
        """What has to stay open."""
        return self._incoming, self._outgoing

    def read(self) -> dict[str, Any]:
        """Wait for the next frame; ends the process when the application has gone."""
        (length,) = struct.unpack(">I", self._read(4))
        frame: dict[str, Any] = json.loads(self._read(length))
        return frame

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = os.read(self._incoming, count - len(data))
            if not part:
                os._exit(0)
            data += part
        return data

    def write(self, frame: dict[str, Any]) -> None:
        """Send a frame whole: half of one would cost the session."""
        body = json.dumps(frame).encode()
        if len(body) > MAX_FRAME:
            raise ValueError(f"this is too large to be shown: {len(body) / 1e6:.1f} MB")
        data = memoryview(struct.pack(">I", len(body)) + body)
        with self._lock:
            self.before_write()
            try:
                while data:
                    data = data[os.write(self._outgoing, data) :]
            finally:
                self.after_write()


class PrintedFrames:
    """Standard output where it has no descriptor of its own: each print is a frame."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.buffer = self

    def write(self, text: str | bytes) -> int:
        data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else bytes(text)
        for start in range(0, len(data), 1_000_000):
            self._channel.write({"stdout": base64.b64encode(data[start : start + 1_000_000]).decode()})
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 1

    def reconfigure(self, **_: Any) -> None:
        """As it is."""
