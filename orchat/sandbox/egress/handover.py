"""How the host gets a port that only an interpreter can open: inside a network of its own."""

import socket

WITHIN = 5.0


class Handover:
    """A line to a runner for one message: the socket on which it listens, handed out before any cell runs."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.descriptor = theirs.detach()
        """The runner's end; it belongs to whoever starts the runner."""

    def take(self) -> socket.socket:
        """Return the listening socket, and close the line.

        Raises:
            OSError: none came, or something else.
        """
        with self._ours as line:
            line.settimeout(WITHIN)
            _, descriptors, *_ = socket.recv_fds(line, 1, 1)
            if not descriptors:
                raise OSError("the interpreter handed over no port")
            listener = socket.socket(fileno=descriptors[0])
            listener.set_inheritable(False)
            if not is_local_listener(listener):
                listener.close()
                raise OSError("the interpreter handed over what is no port")
            return listener

    def close(self) -> None:
        """Close the line; again is harmless."""
        self._ours.close()


def is_local_listener(listener: socket.socket) -> bool:
    """Whether it waits for TCP connections on a loopback address."""
    return (
        listener.family == socket.AF_INET
        and listener.type == socket.SOCK_STREAM
        and listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
        and listener.getsockname()[0] == "127.0.0.1"
    )
