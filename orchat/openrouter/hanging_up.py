"""Hanging up: the end of an answer from another thread than the one that reads it."""

import socket
from contextlib import suppress

import httpx


def hang_up(response: httpx.Response) -> None:
    """Shut the socket down, so that a thread that waits for its next byte wakes up at once."""
    if response.is_closed or "network_stream" not in response.extensions:
        return
    raw = response.extensions["network_stream"].get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)
