"""A browser tab without a browser: Streamlit's own websocket protocol, one protobuf message per frame."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Subprotocol

PATIENCE = 30.0
"""Seconds without any message after which a run counts as dead."""
ONE_UPDATE = 0.008
"""Seconds; Streamlit empties its queue every 5 ms, so that one moment may take two frames."""
RERUN = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class PageFailedError(Exception):
    """The script failed, so that what it costs means nothing."""


@dataclass
class Traffic:
    """What one script run, or several that follow each other, sent to the browser."""

    bytes: int = 0
    updates: int = 0
    """Moments at which Markdown was drawn: what comes within `ONE_UPDATE` is one for the reader."""
    seconds: float = 0.0


@dataclass
class Tab:
    """An open tab. `port` is where Streamlit listens on loopback."""

    port: int
    chat_input: str = ""
    """The id of the chat input that was drawn last."""
    query: str = ""
    name: str = ""
    """The page that is opened, as the address names it; none is the first one."""
    page: str = ""
    _drawn_at: float = 0.0

    def __enter__(self) -> Self:
        address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        options: dict[str, Any] = {"subprotocols": [Subprotocol("streamlit")], "max_size": None, "compression": None}
        # Pings draw random numbers, which Hypothesis takes amiss in a test whose examples it draws meanwhile.
        options["ping_interval"] = None
        self._connection = connect(address, **options)
        self._socket = self._connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.__exit__(kind, error, trace)

    def rerun(self, *changed: WidgetState) -> Traffic:
        """Run the script, with widgets changed, and wait until it has ended.

        Raises:
            PageFailedError: the script ended with an exception.
            TimeoutError: nothing came for so long that the tab has to be dead.
        """
        self._ask_for_a_run(*changed)
        return self._until_finished()

    def say(self, text: str) -> Traffic:
        """Send a chat message and wait until the page is at rest again."""
        self.send(text)
        return self._until_finished()

    def send(self, text: str) -> None:
        """Send a chat message and wait for nothing."""
        message = WidgetState(id=self.chat_input)
        message.chat_input_value.data = text
        self._ask_for_a_run(message)

    def _ask_for_a_run(self, *changed: WidgetState) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.page_name = self.name
        message.rerun_script.widget_states.widgets.extend(changed)
        self._socket.send(message.SerializeToString())

    def _until_finished(self) -> Traffic:
        traffic, began = Traffic(), time.monotonic()
        while True:
            frame = self._socket.recv(PATIENCE)
            assert isinstance(frame, bytes)
            message = ForwardMsg.FromString(frame)
            traffic.bytes += len(frame)
            self._take(message, traffic)
            if message.WhichOneof("type") == "script_finished" and message.script_finished != RERUN:
                traffic.seconds = time.monotonic() - began
                return traffic

    def _take(self, message: ForwardMsg, traffic: Traffic) -> None:
        kind = message.WhichOneof("type")
        if kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                raise PageFailedError(f"The page shows {element.exception.type}: {element.exception.message}")
            if element.WhichOneof("type") == "markdown":
                now = time.monotonic()
                traffic.updates += now - self._drawn_at > ONE_UPDATE
                self._drawn_at = now
            if element.WhichOneof("type") == "chat_input":
                self.chat_input = element.chat_input.id
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "new_session":
            self.page = message.new_session.page_script_hash
