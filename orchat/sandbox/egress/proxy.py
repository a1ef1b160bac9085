"""The proxy: connects code with hosts that are allowed, at addresses that it has resolved and checked itself.

One thread serves all interpreters. It reads one request of each connection, CONNECT or a plain one with a whole address
(RFC 9110, 7.1 and 9.3.6), and passes bytes on from then on.
"""

import asyncio
import contextlib
import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from orchat.hosts import Host, Resolve, resolve
from orchat.sandbox.egress.request import RefusedError, Wanted, answer, read_request

CONNECT_WITHIN = 10.0
ASK_WITHIN = 20.0
LONGEST = 900.0
CHUNK = 1 << 16
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one interpreter may take of the proxy, so that it takes nothing from the application."""

    at_once: int = 16
    each_second: int = 50
    """Connections that it may begin."""
    size: int = 1 << 30
    """Bytes in all, in both directions together."""
    pace: int = 64 << 20
    """Bytes a second in one direction of one connection."""


class Proxy:
    """Serves interpreters by the sockets on which they wait for it. Thread-safe."""

    def __init__(
        self, hosts: tuple[Host, ...], *, resolve: Resolve = resolve, allowance: Allowance | None = None
    ) -> None:
        """Let through what goes to `hosts`, and refuse the rest with a sentence."""
        self._hosts = hosts
        self._resolve = resolve
        self.allowance = allowance or Allowance()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def serve(self, listener: socket.socket) -> Callable[[], None]:
        """Serve an interpreter until the function that is returned is called; `listener` then is closed."""
        listener.settimeout(0)
        loop = self._running_loop()
        serving = asyncio.run_coroutine_threadsafe(Serving(self, listener).forever(), loop)

        def stop() -> None:
            serving.cancel()

        return stop

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="orchat-sandbox-egress", daemon=True).start()
            return self._loop

    async def connect(self, wanted: Wanted) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to a host that is allowed, at an address that it may have.

        Raises:
            RefusedError: it is not allowed, or cannot be reached.
        """
        host = next((host for host in self._hosts if host.covers(wanted.host, wanted.port)), None)
        if host is None:
            # Not so much as its name is looked up: that alone would tell somebody something.
            raise RefusedError(403, "this host is not among those that the operator allows")
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                addresses = await self._resolve(wanted.host, wanted.port)
                # One that it may not have is enough: whoever owns the name chooses which one is used.
                if not addresses or not all(host.accepts(ipaddress.ip_address(each)) for each in addresses):
                    raise RefusedError(403, "this host has an address that is not on the public internet")
                return await first_that_answers(addresses, wanted.port)
        except (OSError, ValueError, TimeoutError):
            raise RefusedError(502, "this host cannot be reached") from None


async def first_that_answers(addresses: list[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first of the addresses that can be connected to.

    Raises:
        OSError: none can.
    """
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(address, port)
    return await asyncio.open_connection(addresses[-1], port)


class Serving:
    """One interpreter's connections."""

    def __init__(self, proxy: Proxy, listener: socket.socket) -> None:
        self._proxy = proxy
        self._listener = listener
        self._left = proxy.allowance.size
        self._places = asyncio.Semaphore(proxy.allowance.at_once)

    async def forever(self) -> None:
        """Accept connections, no faster than is good for the application, until this is cancelled."""
        loop = asyncio.get_running_loop()
        with self._listener:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._places.acquire()
                    caller, _ = await loop.sock_accept(self._listener)
                    group.create_task(self._serve(caller))
                    await asyncio.sleep(1 / self._proxy.allowance.each_second)

    async def _serve(self, caller: socket.socket) -> None:
        try:
            reader, writer = await asyncio.open_connection(sock=caller)
            try:
                await self._answer(reader, writer)
            finally:
                writer.transport.abort()
        except Exception as error:  # noqa: BLE001 - whatever ends one connection must not end the others
            log.debug("A connection of code ended: %s", type(error).__name__)
        finally:
            caller.close()
            self._places.release()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                wanted = await read_request(reader)
            if self._left <= 0:
                raise RefusedError(429, "this session has moved as much as it may")
            there, to_there = await self._proxy.connect(wanted)
        except RefusedError as refusal:
            writer.write(answer(refusal))
            await closed(reader, writer)
            return
        try:
            writer.write(wanted.greeting)
            to_there.write(wanted.first)
            async with asyncio.timeout(LONGEST):
                await both(self._pass_on(reader, to_there), self._pass_on(there, writer))
        finally:
            to_there.transport.abort()

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while self._left > 0 and (data := await source.read(CHUNK)):
            self._left -= len(data)
            target.write(data)
            await target.drain()
            await asyncio.sleep(len(data) / self._proxy.allowance.pace)
        if self._left <= 0:
            raise ConnectionAbortedError
        target.write_eof()


async def both(*parts: Coroutine[Any, Any, None]) -> None:
    """Do both; the first that fails ends the other.

    Raises:
        OSError: one failed.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except* OSError as errors:
        raise ConnectionAbortedError from errors


async def closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let an answer arrive: who closes with something unread in hand takes the answer back."""
    await writer.drain()
    writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await reader.read(CHUNK):
                pass
