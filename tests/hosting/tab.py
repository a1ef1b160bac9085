"""A browser tab without a browser: the cookies of an HTTP client, Streamlit's websocket, and what it has shown."""

from contextlib import suppress
from http.cookiejar import Cookie
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from benchmarks import page_client
from benchmarks.page_client import PATIENCE, PageFailedError, Traffic


class Tab(page_client.Tab):
    """An open tab of an app at `url`, of the browser that has the cookies of `http`. It closes with `with`."""

    def __init__(
        self,
        url: str,
        http: httpx.Client | None = None,
        *,
        headers: dict[str, str] | None = None,
        **connection: Any,
    ) -> None:
        """`connection` are options of the websocket: the socket that it takes, TLS, where it comes from."""
        super().__init__(urlsplit(url).port or 0)
        self.url = url
        self.text = ""
        """All that was drawn since the last run began, as text."""
        self.login_address = ""
        """Where the page has sent the browser to log in."""
        self.buttons: dict[str, str] = {}
        """The buttons that were drawn since the last run began: their ids by their labels."""
        self._cookies = {cookie.name: value_of(cookie) for cookie in http.cookies.jar} if http else {}
        self._headers = headers or {}
        self._options = connection

    def __enter__(self) -> Self:
        # The cookie of the login is read for who sends this token too, as Streamlit's own pages do.
        protocols = [Subprotocol("streamlit")]
        if token := self._cookies.get("_streamlit_xsrf"):
            protocols.append(Subprotocol(token))
        jar = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection = connect(
            f"{self.url.replace('http', 'ws', 1)}/_stcore/stream",
            additional_headers={**self._headers, **({"Cookie": jar} if jar else {})},
            subprotocols=protocols,
            max_size=None,
            origin=Origin(self.url),
            **self._options,
        )
        self._socket = self._connection.__enter__()
        return self

    def draw(self, *changed: WidgetState) -> str:
        """Run the page, with widgets changed, until it is at rest, and return what it has shown."""
        self.rerun(*changed)
        return self.text

    def press(self, label: str) -> str:
        """Press a button and return what the page shows then."""
        return self.draw(WidgetState(id=self.buttons[label], trigger_value=True))

    def say_until(self, text: str, shown: str) -> None:
        """Send a message, and wait until something is shown."""
        self.send(text)
        self.until(shown)

    def until(self, shown: str) -> None:
        """Wait until something is shown."""
        while shown not in self.text:
            frame = self._socket.recv(PATIENCE)
            assert isinstance(frame, bytes)
            self._take(ForwardMsg.FromString(frame), Traffic())

    def _ask_for_a_run(self, *changed: WidgetState) -> None:
        self.text, self.buttons = "", {}
        super()._ask_for_a_run(*changed)

    def _take(self, message: ForwardMsg, traffic: Traffic) -> None:
        # A page that fails shows that, too.
        with suppress(PageFailedError):
            super()._take(message, traffic)
        kind = message.WhichOneof("type")
        if kind == "delta":
            self.text += f"{message.delta}\n"
            button = message.delta.new_element.button
            if button.id:
                self.buttons[button.label] = button.id
        elif kind == "auth_redirect":
            self.login_address = message.auth_redirect.url


def value_of(cookie: Cookie) -> str:
    """Return a cookie's value, empty where it has none."""
    return cookie.value or ""
