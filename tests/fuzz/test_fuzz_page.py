"""Anything that a browser may send over the websocket of the running app: it costs that browser its page at most.

Named after LibreChat's CVE-2026-31949, where one malformed request ended the server for all.
"""

from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.page_client import PATIENCE, PageFailedError, Tab
from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.fuzz.fuzzing import BRIEF_OR_LONG, fuzz
from tests.hosting.conftest import HOSTED
from tests.hosting.recorder import Recorder

EXAMPLES = 20
DEEPEST = 6
NUMBERS = {
    FieldDescriptor.CPPTYPE_INT32: st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31)]),
    FieldDescriptor.CPPTYPE_INT64: st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63)]),
    FieldDescriptor.CPPTYPE_UINT32: st.sampled_from([0, 1, 2**32 - 1]),
    FieldDescriptor.CPPTYPE_UINT64: st.sampled_from([0, 1, 2**64 - 1]),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(width=32),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
}
HOSTILE = [
    *("", "\0", "../../etc/passwd", "chat=" + "0" * 32, "?chat=%00&chat=%ff", "x" * 100_000, "{", "[" * 1000, "null"),
    *("1e999", "NaN", "\u202e", "💩" * 50, "None", "-1", '{"a": 1}', "$$ID-x-prompt", "$$GENERATED", "__class__"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    settings = {"ORCHAT_DEFAULT_MODEL": "demo/fast", "ORCHAT_TITLE_MODEL": "none"}
    with (
        DemoServer(speed=0) as demo,
        AppProcess(demo, tmp_path_factory.mktemp("page"), entry=HOSTED, **settings) as app,
    ):
        yield app


@pytest.fixture(scope="module")
def widgets(app: AppProcess) -> list[str]:
    """The ids of all that can be pressed and filled in on the first page, and of the pages."""
    with Recorder(app.port) as tab:
        tab.rerun()
    assert any(known.endswith("-prompt") for known in tab.ids)
    return sorted({*tab.ids, *tab.pages.values()})


@st.composite
def filled(draw: st.DrawFn, kind: type[Message], texts: st.SearchStrategy[str], depth: int = 0) -> Message:
    """A message with any of its fields set, valid for the wire and for nothing else."""
    message = kind()
    for field in kind.DESCRIPTOR.fields:
        if not draw(st.booleans()):
            continue
        for _ in range(draw(st.integers(1, 3)) if field.is_repeated else 1):
            _put(draw, message, field, texts, depth)
    return message


def _put(draw: st.DrawFn, message: Message, field: FieldDescriptor, texts: st.SearchStrategy[str], depth: int) -> None:
    if field.message_type is not None:
        if depth < DEEPEST and not field.message_type.GetOptions().map_entry:
            value = draw(filled(field.message_type._concrete_class, texts, depth + 1))
            place = getattr(message, field.name)
            (place.add() if field.is_repeated else place).CopyFrom(value)
        return
    if field.enum_type is not None:
        value = draw(st.sampled_from([known.number for known in field.enum_type.values]))
    elif field.type == FieldDescriptor.TYPE_BYTES:
        value = draw(st.binary(max_size=200))
    elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        value = draw(texts)
    else:
        value = draw(NUMBERS[field.cpp_type])
    if field.is_repeated:
        getattr(message, field.name).append(value)
    else:
        setattr(message, field.name, value)


def opened(app: AppProcess) -> ClientConnection:
    protocols = [Subprotocol("streamlit")]
    return connect(f"ws://127.0.0.1:{app.port}/_stcore/stream", subprotocols=protocols, max_size=None)


@BRIEF_OR_LONG
def test_cve_2026_31949_no_message_of_a_browser_stops_anybody_else(app: AppProcess, widgets: list[str], seconds: float):
    texts = st.sampled_from(widgets) | st.sampled_from(HOSTILE) | st.text(max_size=50)

    def check(messages: list[BackMsg]) -> None:
        with suppress(ConnectionClosed), opened(app) as connection:
            for message in messages:
                connection.send(message.SerializeToString())
        assert httpx.get(f"{app.url}/ready").status_code == 200

    fuzz(st.lists(filled(BackMsg, texts), min_size=1, max_size=4), check, seconds, examples=EXAMPLES)
    with Tab(app.port) as tab:
        tab.rerun()
        tab.say("Hello")
    with app.store as store:
        assert [
            message.state for chat in store.conversations("local") for message in store.all_messages("local", chat.id)
        ]


@BRIEF_OR_LONG
def test_cve_2026_31949_a_wild_value_of_a_widget_fails_without_a_word_and_for_nobody_else(
    app: AppProcess, widgets: list[str], seconds: float
):
    """Each value goes to a widget that is there. Streamlit itself fails on those of another kind than the widget's."""
    texts = st.sampled_from(HOSTILE) | st.text(max_size=50)
    wild = st.builds(given_to, filled(WidgetState, texts), st.sampled_from(widgets))

    def check(state: WidgetState) -> None:
        with Tab(app.port) as other, Tab(app.port) as tab:
            tab.rerun()
            try:
                tab.rerun(state)
            except PageFailedError as error:
                assert "has encountered an error" in str(error)  # noqa: PT017 - most values are drawn
                assert "Traceback" not in str(error)  # noqa: PT017
            other.rerun()
            assert other.chat_input

    fuzz(wild, check, seconds, examples=EXAMPLES)


def given_to(state: WidgetState, known: str) -> WidgetState:
    state.id = known
    return state


@pytest.mark.parametrize("operation", ["install_skills", "dismiss_skills_nudge"])
def test_cve_2026_45395_a_browser_lets_the_server_write_no_files(app: AppProcess, operation: str):
    """Streamlit can put instructions for coding agents beside the app, for whoever develops it on this machine."""
    with Tab(app.port) as tab:
        message = BackMsg()
        message.rerun_script.query_string = ""
        tab._socket.send(message.SerializeToString())
        session = answer_of(tab, "new_session").new_session.initialize.session_id
        request = BackMsg()
        request.backend_operation_request.session_id = session
        getattr(request.backend_operation_request, operation).SetInParent()
        tab._socket.send(request.SerializeToString())
        answer = answer_of(tab, "backend_operation_response").backend_operation_response
    assert "not available in this environment" in answer.error_msg


def answer_of(tab: Tab, kind: str) -> ForwardMsg:
    while True:
        frame = tab._socket.recv(PATIENCE)
        assert isinstance(frame, bytes)
        answer = ForwardMsg.FromString(frame)
        if answer.WhichOneof("type") == kind:
            return answer
