"""A loopback server that answers as it is told to, where bytes, sockets and their closing matter."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from tests.openrouter.chunks import ANSWER

STREAM = {"content-type": "text/event-stream", "x-generation-id": "gen-1"}
PATIENCE = 5.0


@dataclass
class Received:
    line: str
    headers: dict[str, str]
    body: Any


class Connection:
    """One accepted connection, as an answer sees it."""

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.hung_up = threading.Event()

    def head(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or STREAM).items())
        self.raw.sendall(f"HTTP/1.1 {status} Status\r\ntransfer-encoding: chunked\r\n{lines}\r\n".encode())

    def send(self, data: bytes) -> None:
        self.raw.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self) -> None:
        self.raw.sendall(b"0\r\n\r\n")

    def hold(self) -> None:
        """Say nothing more until the client hangs up."""
        with suppress(ConnectionError):
            while self.raw.recv(4096):
                pass
        self.hung_up.set()


Answer = Callable[[Connection], None]


def answering(data: bytes = ANSWER, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    def answer(connection: Connection) -> None:
        connection.head(status, headers)
        connection.send(data)
        connection.end()

    return answer


def falling_silent_after(data: bytes) -> Answer:
    def answer(connection: Connection) -> None:
        connection.head()
        connection.send(data)
        connection.hold()

    return answer


def cutting_off_after(data: bytes) -> Answer:
    def answer(connection: Connection) -> None:
        connection.head()
        connection.send(data)
        connection.raw.close()

    return answer


def hanging_up(connection: Connection) -> None:
    connection.raw.close()


def saying_nothing(connection: Connection) -> None:
    connection.hold()


@dataclass
class Upstream:
    """Gives one of `answers` to each request in turn, then ordinary answers."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    """Set when the first request has arrived."""

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/api/v1"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listening.close()
        for connection in self.connections:
            connection.raw.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                raw, _ = self._listening.accept()
                raw.settimeout(PATIENCE)
                connection = Connection(raw)
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with suppress(OSError), connection.raw:
            while received := self._receive(connection.raw):
                self.requests.append(received)
                self.asked.set()
                (self.answers.pop(0) if self.answers else answering())(connection)

    @staticmethod
    def _receive(raw: socket.socket) -> Received | None:
        got = b""
        while b"\r\n\r\n" not in got:
            more = raw.recv(65536)
            if not more:
                return None
            got += more
        head, _, body = got.partition(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
        while len(body) < int(headers.get("content-length", 0)):
            body += raw.recv(65536)
        return Received(line, headers, json.loads(body) if body else None)
