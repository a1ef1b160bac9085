"""The embedded OpenRouter as a server on loopback, run by a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import socket
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from orchat.demo.account import DEMO_KEY, DEMO_MANAGEMENT_KEY
from orchat.demo.app import create_app
from orchat.demo.made_keys import MadeKeys
from orchat.demo.recording import RecordedRequest
from orchat.demo.state import DemoState, UsageShape

_BACKLOG = 128
_LONGEST_START_SECONDS = 10.0
_LONGEST_STOP_SECONDS = 2.0


class DemoServer:
    """Simulated models behind OpenRouter's protocol; a context manager, or `start()` and `stop()`.

    Args:
        port: 0 takes a free one.
        speed: 2.0 is twice as fast as natural, 0 makes no pauses.
        credits: USD on the account.
        host: the address to listen on.
        usage_shape: how the usage chunk looks; OpenRouter changed it twice.
        record: whether `requests` keeps what clients asked, with keys and conversations.
    """

    api_key = DEMO_KEY
    management_key = DEMO_MANAGEMENT_KEY

    def __init__(
        self,
        port: int = 0,
        *,
        speed: float = 1.0,
        credits: float = 5.0,  # noqa: A002 - the word of OpenRouter's API; the site builtin is not used here
        host: str = "127.0.0.1",
        usage_shape: UsageShape = "repeated finish",
        record: bool = True,
    ) -> None:
        if speed < 0:
            raise ValueError(f"speed is {speed}: give 0 for no pauses, or a factor such as 2.0")
        self._address = (host, port)
        self._state = DemoState(speed=speed, starting_credits=credits, usage_shape=usage_shape, record=record)
        self._server: _Server | None = None
        self._thread: Thread | None = None

    @property
    def base_url(self) -> str:
        """The address of the API, known from `start()` on."""
        host, port = self._address
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/api/v1"

    @property
    def made_keys(self) -> MadeKeys:
        """The keys that a management key has made."""
        return self._state.made_keys

    @property
    def credits(self) -> float:
        """What is left on the account, in USD; can be set."""
        return self._state.account.credits

    @credits.setter  # noqa: A003 - the property above, not the builtin of the site module
    def credits(self, value: float) -> None:
        self._state.account.credits = value

    @property
    def requests(self) -> list[RecordedRequest]:
        """The latest requests, oldest first; none where they are not recorded."""
        return list(self._state.requests)

    def start(self) -> Self:
        """Listen, and return once requests are answered.

        Raises:
            OSError: when the port is taken or may not be used.
        """
        if self._thread:
            raise RuntimeError("This demo was started before: make a new DemoServer")
        listening = socket.create_server(self._address, backlog=_BACKLOG)
        self._address = (self._address[0], listening.getsockname()[1])
        self._server = _Server(self._state)
        self._thread = Thread(target=self._server.run, args=([listening],), name="orchat-demo", daemon=True)
        self._thread.start()
        if not self._server.answering.wait(_LONGEST_START_SECONDS):
            raise RuntimeError(f"The embedded OpenRouter did not start within {_LONGEST_START_SECONDS:.0f} s")
        return self

    def stop(self) -> None:
        """Close every connection and the port; safe to call twice."""
        if self._server and self._thread:
            self._server.close()
            self._thread.join(_LONGEST_STOP_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(uvicorn.Server):
    """A uvicorn server that says when it answers and can be closed from another thread."""

    def __init__(self, state: DemoState) -> None:
        config = uvicorn.Config(
            create_app(state),
            http=_QuietProtocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            # The logging of the program around it is not for the demo to change.
            log_config=None,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self.answering = Event()
        self._state = state

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._loop = asyncio.get_running_loop()
        self.answering.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        # Who reads nothing, or came in the last moment, is left open by uvicorn.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def close(self) -> None:
        """End open streams first, so that nothing is left to wait for."""
        self.should_exit = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._state.closing.set)


class _QuietProtocol(H11Protocol):
    """HTTP without uvicorn's log lines: a connection that breaks on purpose is no error here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = logging.getLogger("orchat.demo.http")
        self.logger.setLevel(logging.CRITICAL)
        self.access_log = False
