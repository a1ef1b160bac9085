"""A browser tab without a browser: the cookies of an HTTP client, Streamlit's websocket, and what it has shown."""

from http.cookiejar import Cookie
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 30.0
"""Seconds without any message after which a page counts as dead."""
RERUN = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class Tab:
    """An open tab of an app at `url`, of the browser that has the cookies of `http`. It closes with `with`."""

    def __init__(self, url: str, http: httpx.Client | None = None, *, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self.text = ""
        """All that was drawn since the last run began, as text."""
        self.login_address = ""
        """Where the page has sent the browser to log in."""
        self._cookies = {cookie.name: value_of(cookie) for cookie in http.cookies.jar} if http else {}
        self._headers = headers or {}
        self._chat_input = self._query = self._page = ""
        self.buttons: dict[str, str] = {}
        """The buttons that were drawn since the last run began: their ids by their labels."""

    def __enter__(self) -> Self:
        host = urlsplit(self.url).netloc
        # The cookie of the login is read for who sends this token too, as Streamlit's own pages do.
        protocols = [Subprotocol("streamlit")]
        if token := self._cookies.get("_streamlit_xsrf"):
            protocols.append(Subprotocol(token))
        jar = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        options: dict[str, Any] = {"subprotocols": protocols, "max_size": None, "origin": Origin(self.url)}
        headers = {**self._headers, **({"Cookie": jar} if jar else {})}
        self._connection = connect(f"ws://{host}/_stcore/stream", additional_headers=headers, **options)
        self._socket = self._connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.__exit__(kind, error, trace)

    def draw(self, *changed: WidgetState) -> str:
        """Run the page, with widgets changed, until it is at rest, and return what it has shown."""
        self._ask(*changed)
        self._read(lambda message: message.WhichOneof("type") == "script_finished" and message.script_finished != RERUN)
        return self.text

    def press(self, label: str) -> str:
        """Press a button and return what the page shows then."""
        return self.draw(WidgetState(id=self.buttons[label], trigger_value=True))

    def say(self, text: str) -> str:
        """Send a message, and return what the page shows when it is at rest."""
        return self.draw(self._said(text))

    def say_until(self, text: str, shown: str) -> None:
        """Send a message, and wait until something is shown."""
        self._ask(self._said(text))
        self.until(shown)

    def until(self, shown: str) -> None:
        """Wait until something is shown."""
        if shown not in self.text:
            self._read(lambda _: shown in self.text)

    def _said(self, text: str) -> WidgetState:
        state = WidgetState(id=self._chat_input)
        state.chat_input_value.data = text
        return state

    def _ask(self, *changed: WidgetState) -> None:
        self.text, self.buttons = "", {}
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.widget_states.widgets.extend(changed)
        self._socket.send(message.SerializeToString())

    def _read(self, enough: Any) -> None:
        while True:
            frame = self._socket.recv(PATIENCE)
            assert isinstance(frame, bytes)
            message = ForwardMsg.FromString(frame)
            self._take(message)
            if enough(message):
                return

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "delta":
            self.text += f"{message.delta}\n"
            element = message.delta.new_element
            drawn = element.WhichOneof("type")
            if drawn == "chat_input":
                self._chat_input = element.chat_input.id
            elif drawn == "button":
                self.buttons[element.button.label] = element.button.id
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "new_session":
            self._page = message.new_session.page_script_hash
        elif kind == "auth_redirect":
            self.login_address = message.auth_redirect.url


def value_of(cookie: Cookie) -> str:
    """Return a cookie's value, empty where it has none."""
    return cookie.value or ""
