"""The port of the proxy: opened here, where the network is the session's own, and handed to the application."""

import socket
from typing import Any

BACKLOG = 64


def open_port(told: dict[str, Any]) -> None:
    """Open it and give it away. Nothing here can open another one afterwards.

    Raises:
        OSError: there is no network to open it in.
    """
    with (
        socket.socket(fileno=told["to"]) as line,
        socket.create_server(("127.0.0.1", told["number"]), backlog=BACKLOG) as port,
    ):
        socket.send_fds(line, [b"!"], [port.fileno()])
