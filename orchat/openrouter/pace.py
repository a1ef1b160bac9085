"""The pace at which streams are read from the network: many small reads cost more than few large ones."""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import httpx

Options = Iterable[httpcore.SOCKET_OPTION] | None

MUCH = 8192
"""Bytes of one read that are no tokens, but part of a picture whose rest is there. TLS gives at most 16 KiB at once."""


def read_every(http: httpx.AsyncClient, rest: Callable[[], float]) -> None:
    """Let the connections of a client rest `rest()` seconds after each read: what comes meanwhile is read at once.

    After a read that has brought `MUCH` they do not: more of it is there already.

    A provider sends each token by itself. Beside the reading of it, through all layers of a client, the rest is little.
    """
    # httpcore lets a network backend be given, and httpx passes none on; to take a transport of our own instead would
    # leave out the proxies that the environment names. A test shows that it works.
    for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.AsyncConnectionPool):
            pool._network_backend = _Backend(pool._network_backend, rest)  # noqa: SLF001


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, inner: httpcore.AsyncNetworkBackend, rest: Callable[[], float]) -> None:
        self._inner, self._rest = inner, rest

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's face
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._rest)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Options = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.connect_unix_socket(path, timeout, socket_options), self._rest)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, inner: httpcore.AsyncNetworkStream, rest: Callable[[], float]) -> None:
        self._inner, self._rest = inner, rest
        self._rested_at = 0.0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        wait = self._rested_at - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        received = await self._inner.read(max_bytes, timeout)
        self._rested_at = time.monotonic() + self._rest() if len(received) < MUCH else 0.0
        return received

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self._rested_at = 0.0
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout), self._rest)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
