"""The one request that the proxy reads of each connection, and its own answers."""

import asyncio
import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit, urlunsplit

import h11

LONGEST_HEAD = 1 << 16
NAME = re.compile(r"[A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f:.]{2,45}")
BETWEEN_TWO = {b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"trailer", b"upgrade"}
"""Headers that are for the proxy."""


class RefusedError(Exception):
    """An answer of the proxy's own: a status and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a connection shall go, what the caller is told once it is there, and what is sent there first."""

    host: str
    port: int
    greeting: bytes
    first: bytes


async def read_request(reader: asyncio.StreamReader) -> Wanted:
    """Read a request.

    Raises:
        RefusedError: it is none that a proxy serves.
    """
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD)
    try:
        while (request := connection.next_event()) is h11.NEED_DATA:
            connection.receive_data(await reader.read(LONGEST_HEAD))
        if not isinstance(request, h11.Request):
            raise RefusedError(400, "this is no request")
        return wanted_by(request, connection)
    except (h11.RemoteProtocolError, h11.LocalProtocolError, ValueError):
        raise RefusedError(400, "this is no request for a proxy") from None


def wanted_by(request: h11.Request, connection: h11.Connection) -> Wanted:
    """What a request asks for; raises ValueError where that is no address."""
    rest = connection.trailing_data[0]
    target = request.target.decode("ascii")
    if request.method == b"CONNECT":
        name, port = name_and_port(urlsplit(f"//{target}"), None)
        return Wanted(name, port, b"HTTP/1.1 200 Connection established\r\n\r\n", rest)
    address = urlsplit(target)
    if address.scheme != "http":
        raise RefusedError(400, "a proxy is asked for http://host/path, or to connect to host:port")
    name, port = name_and_port(address, 80)
    return Wanted(name, port, b"", _for_the_host(request, address) + rest)


def name_and_port(address: SplitResult, default: int | None) -> tuple[str, int]:
    """The host of an address in lower case, and its port; raises ValueError where one is missing or strange."""
    name, port = address.hostname or "", address.port or default
    if port is None or not NAME.fullmatch(name):
        raise ValueError
    return name.removesuffix("."), port


def _for_the_host(request: h11.Request, address: SplitResult) -> bytes:
    """The request as a server takes it. One request for each connection: the next may be for another host."""
    path = urlunsplit(("", "", address.path or "/", address.query, ""))
    passed_on = request.headers.raw_items()
    headers = [(name, value) for name, value in passed_on if name.lower() not in {*BETWEEN_TWO, b"host"}]
    host = address.netloc.rpartition("@")[2]
    headers = [(b"Host", host.encode()), *headers, (b"Connection", b"close")]
    return h11.Connection(h11.CLIENT).send(h11.Request(method=request.method, target=path, headers=headers)) or b""


def answer(refusal: RefusedError) -> bytes:
    """A refusal as it is sent; the reason stands in the first line too, since many programs show no more than that."""
    body = f"orchat: {refusal.reason}.\n".encode()
    phrase = f"{HTTPStatus(refusal.status).phrase}: {refusal.reason}"
    head = f"HTTP/1.1 {refusal.status} {phrase}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body
