"""Headers on every response, whoever made it."""

from collections.abc import Iterable, Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
_REFUSAL = "websocket.http.response"


class SecurityHeaders:
    """ASGI middleware that adds headers where a response does not have them already."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or a websocket: one that is refused has a response too."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket" and _REFUSAL in (scope.get("extensions") or {}):
            await self._app(scope, receive, self._refusing(send))
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def send_with_headers(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began, message["headers"] = True, self._with(message["headers"])
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            # Starlette would answer from outside of this. It sees that there is an answer, and logs the error.
            if not began:
                failure = PlainTextResponse("Internal Server Error", status_code=500)
                await failure(scope, receive, send_with_headers)
            raise

    def _refusing(self, send: Send) -> Send:
        accepted = False

        async def send_or_refuse(message: Message) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            if message["type"] == "websocket.close" and not accepted:
                # By itself the server's own 403 comes, which has no headers.
                await send({"type": f"{_REFUSAL}.start", "status": 403, "headers": self._with(())})
                await send({"type": f"{_REFUSAL}.body", "body": b""})
                return
            await send(message)

        return send_or_refuse

    def _with(self, headers: Iterable[Header]) -> list[Header]:
        there = {name.lower() for name, _ in headers}
        return [*headers, *(header for header in self._headers if header[0] not in there)]
