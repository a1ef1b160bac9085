"""A response whose body comes bit by bit, and which notices at once when nobody listens any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class ConnectionDropped(Exception):  # noqa: N818 - an event that is played, not an error of this program
    """The connection is to break without the end of the body."""


class GradualResponse(Response):
    """Sends what a generator yields; closes the generator when the client leaves or the demo stops."""

    def __init__(
        self,
        body: AsyncGenerator[bytes, None],
        closing: asyncio.Event,
        *,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers({**headers, "content-type": media_type, "cache-control": "no-cache"})
        self._chunks = body
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        """Send until the body, the client or the demo comes to its end."""
        writer = asyncio.create_task(self._write(send))
        endings = {asyncio.create_task(_disconnected(receive)), asyncio.create_task(_set(self._closing))}
        try:
            await asyncio.wait({writer, *endings}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writer, *endings):
                task.cancel()
            outcome, *_ = await asyncio.gather(writer, *endings, return_exceptions=True)
        # Returning before the end of the body makes the server break the connection.
        if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionDropped):
            raise outcome

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._chunks):
            async for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _set(event: asyncio.Event) -> None:
    await event.wait()
