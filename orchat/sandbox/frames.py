"""Frames from the sandbox, read as what they are: bytes that a stranger wrote."""

import base64
import binascii
import json
import re
import struct
from typing import Any

from orchat.errors import SandboxProtocolError

MAX_FRAME = 8_000_000
MAX_STRUCTURE = 65_536
"""Bytes of a frame outside its strings. A few megabytes of brackets would be hundreds of megabytes of lists."""
MAX_CODE = 4_000_000

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def encode(frame: dict[str, Any]) -> bytes:
    """A frame for the runner: four bytes of length, then JSON."""
    body = json.dumps(frame).encode()
    return struct.pack(">I", len(body)) + body


class Frames:
    """Cuts a stream of bytes into frames and hands out only what has the right shape."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Add bytes; return the frames that are complete.

        Raises:
            SandboxProtocolError: a frame is too large, is not JSON, or not a flat object of strings.
        """
        self._buffer += data
        found = []
        while len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "big")
            if length > MAX_FRAME:
                raise SandboxProtocolError(f"The interpreter announced a frame of {length:,} bytes.")
            if len(self._buffer) < 4 + length:
                break
            found.append(decode(bytes(self._buffer[4 : 4 + length])))
            del self._buffer[: 4 + length]
        return found


def decode(body: bytes) -> dict[str, Any]:
    """Read the JSON of a frame.

    Raises:
        SandboxProtocolError: it is not JSON, or not an object.
    """
    if len(body) > MAX_STRUCTURE and structure(body) > MAX_STRUCTURE:
        raise SandboxProtocolError("The interpreter sent a frame of unreasonable structure.")
    try:
        frame = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SandboxProtocolError(f"The interpreter sent a frame that is not JSON: {type(error).__name__}.") from None
    if not isinstance(frame, dict):
        raise SandboxProtocolError("The interpreter sent a frame that is not an object.")
    return frame


def structure(body: bytes) -> int:
    """How many bytes stand outside of strings, counted until they are too many."""
    outside = end = 0
    for found in _STRING.finditer(body):
        outside += found.start() - end
        end = found.end()
        if outside > MAX_STRUCTURE:
            return outside
    return outside + len(body) - end


def strings(value: Any, what: str) -> dict[str, str]:
    """Check that a value is an object of strings, none with half a character in it.

    Raises:
        SandboxProtocolError: it is not.
    """
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise SandboxProtocolError(f"The interpreter sent {what} of a wrong type.")
    return {whole(key): whole(part) for key, part in value.items()}


def whole(text: str) -> str:
    """Text that UTF-8 can hold: a lone surrogate, which JSON lets through, is replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def decoded(text: str) -> bytes:
    """Bytes that came in base64.

    Raises:
        SandboxProtocolError: they did not.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SandboxProtocolError("The interpreter sent bytes that are not base64.") from None
