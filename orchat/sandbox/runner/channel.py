"""Frames between the runner and the application: four bytes of length, then JSON."""

import base64
import io
import json
import os
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

MAX_FRAME = 8_000_000


class Channel:
    """Both directions. Frames come in on standard input, and go out on a descriptor of their own."""

    def __init__(self, outgoing: int | None) -> None:
        self._incoming = os.dup(0)
        self._outgoing = os.dup(1 if outgoing is None else outgoing)
        self._lock = threading.RLock()
        self.before_write: Callable[[], None] = lambda: None
        self.after_write: Callable[[], None] = lambda: None
        self._texts = (1, os.dup(1)), (2, os.dup(2))
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        self._framed = outgoing is None
        if outgoing is None:
            # A container has three streams and no more: what programs print goes with the errors.
            self._texts = (1, os.dup(2)), (2, os.dup(2))
        else:
            os.close(outgoing)
        self.restore_texts()
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the descriptor, not a path

    def restore_texts(self) -> None:
        """Give the next cell its output, whatever the last one did to it."""
        for number, kept in self._texts:
            os.dup2(kept, number)
        sys.stdout = self._text_in_frames() if self._framed else text_on(1)
        sys.stderr = text_on(2)

    def _text_in_frames(self) -> TextIO:
        buffer = io.BufferedWriter(FrameIO(self))
        return io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace", line_buffering=True)

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


def text_on(descriptor: int) -> TextIO:
    """A stream that writes each line at once."""
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


class FrameIO(io.RawIOBase):
    """Standard output where it has no descriptor of its own."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = bytes(data[:1_000_000])
        self._channel.write({"stdout": base64.b64encode(written).decode()})
        return len(written)

    def fileno(self) -> int:
        return 1
