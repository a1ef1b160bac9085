"""Request ids: each request has one, taken over from whoever asked or made here, in its response and in the log."""

import logging
import re
import time
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchat.logs import REQUEST

HEADER = "x-request-id"
_SANE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ASKED_ALL_THE_TIME = ("/_stcore/health", "/ready", "/metrics")
_ANSWERS = ("http.response.start", "websocket.accept")
log = logging.getLogger(__name__)


class RequestIds:
    """ASGI middleware that names each request and websocket, and logs how it was answered: path and status alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a websocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        own = request_id(Headers(scope=scope).getlist(HEADER))
        # Never taken back: each request has a task of its own, and the server logs there when all of this has failed.
        REQUEST.set(own)
        began = time.monotonic()

        async def send_with_id(message: Message) -> None:
            if message["type"] in _ANSWERS:
                kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() != HEADER.encode()]
                message["headers"] = [*kept, (HEADER.encode(), own.encode())]
            if message["type"] == "http.response.start":
                took = (time.monotonic() - began) * 1000
                level = logging.DEBUG if scope["path"] in _ASKED_ALL_THE_TIME else logging.INFO
                log.log(level, "%s %s: %d after %.0f ms", scope["method"], scope["path"], message["status"], took)
            await send(message)

        await self._app(scope, receive, send_with_id)


def request_id(said: list[str]) -> str:
    """Return the id that a request came with, if it is one and can stand in a log as it is; else a new one."""
    if len(said) == 1 and _SANE.fullmatch(said[0]):
        return said[0]
    return uuid4().hex
