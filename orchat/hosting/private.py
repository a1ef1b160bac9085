"""What only the operator may ask: metrics, by a token, or from this machine itself."""

import hmac

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from orchat.hosting.addresses import peer
from orchat.people import is_own_name

METRICS = "/metrics"
PRIVATE = (METRICS, "/_stcore/metrics", "/_stcore/agent")
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


class PrivatePaths:
    """ASGI middleware that hides the operator's addresses from everybody else: they are told 404."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request if it may be asked."""
        if scope["type"] == "http" and _is_private(scope["path"]) and not self._allowed(scope):
            await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if self._token is not None:
            given = headers.get("authorization", "").encode()
            return hmac.compare_digest(given, f"Bearer {self._token}".encode())
        # Whatever came through a proxy came from somewhere else, and what asks for a foreign name is a foreign page.
        address, foreign = peer(scope), not is_own_name(headers.get("host"), None)
        forwarded = any(name in headers for name in _FORWARDED)
        return address is not None and address.is_loopback and not forwarded and not foreign


def _is_private(path: str) -> bool:
    """Whether a path is one of the operator's, below whatever `server.baseUrlPath` says."""
    return any(f"{name}/" in f"{path}/" for name in PRIVATE)
