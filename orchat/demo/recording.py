"""A record of what clients asked, and whether they stayed for the answer; for tests and curious people."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

RECORDS_KEPT = 500
# Pictures are heavy: a record keeps a body only up to here.
LARGEST_BODY = 256 * 1024


@dataclass(slots=True)
class RecordedRequest:
    """One request; times are `time.monotonic()` seconds, `ended_at` is None while it is being answered."""

    method: str
    path: str
    query: str
    # Hidden from the repr because a bearer key is among them.
    headers: dict[str, str] = field(repr=False)
    started_at: float
    body: Any = None
    ended_at: float | None = None
    closed_early: bool = False


Records = deque[RecordedRequest]


class Recorder:
    """ASGI middleware that records each request."""

    def __init__(self, app: ASGIApp, records: Records) -> None:
        self._app = app
        self._records = records

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = _new_record(scope)
        self._records.append(record)
        chunks: list[bytes] = []
        complete = False

        async def receive_recorded() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect" and not complete and record.ended_at is None:
                record.closed_early = True
                record.ended_at = time.monotonic()
            elif message["type"] == "http.request":
                chunks.append(message.get("body", b""))
                if not message.get("more_body"):
                    record.body = _parse(b"".join(chunks))
            return message

        async def send_recorded(message: Message) -> None:
            nonlocal complete
            if message["type"] == "http.response.body" and not message.get("more_body"):
                complete = True
                # Before it is sent, so that a client that has the answer finds the record complete.
                record.ended_at = time.monotonic()
            await send(message)

        try:
            await self._app(scope, receive_recorded, send_recorded)
        finally:
            record.ended_at = record.ended_at or time.monotonic()


def _new_record(scope: Scope) -> RecordedRequest:
    return RecordedRequest(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        started_at=time.monotonic(),
    )


def _parse(raw: bytes) -> Any:
    if not raw or len(raw) > LARGEST_BODY:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw
