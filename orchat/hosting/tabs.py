"""How many browser tabs are open: each has one websocket."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Tabs:
    """The open tabs of one process."""

    def __init__(self) -> None:
        self.open = 0


class CountTabs:
    """ASGI middleware that counts websockets while they last."""

    def __init__(self, app: ASGIApp, tabs: Tabs) -> None:
        self._app = app
        self._tabs = tabs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        # All on one event loop: nothing comes in between.
        self._tabs.open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._tabs.open -= 1
