"""What has happened to others, tried here. Each test names the incident; the comment says what went wrong there.

Incidents of parts with tests of their own are tried there: addresses and redirects in tests/tools, HTML and images in
tests/ui and tests/browser, every method of the store with foreign ids in tests/store.
"""

import random
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.version import Version
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from orchat.archive import as_html, as_json, as_markdown
from orchat.demo import DemoServer
from orchat.errors import NotFoundError
from orchat.store import Store
from orchat.ui.markdown import presentable
from orchat.ui.wording import plain
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.test_trusted_proxy import ProxiedTab
from tests.ui.markdown_corpus import NASTY
from tests.ui.test_markdown_safety import BROWSER, images, tokens

LOCK = (ROOT / "requirements.lock").read_text()
FILE: dict[str, Any] = {"name": "x", "mime": "text/plain", "kind": "text", "data": b"secret"}
ANN, EVE = "proxy|ann", "proxy|eve"


@pytest.fixture(scope="module")
def app(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    settings = {"ORCHAT_LOGIN": "proxy", "ORCHAT_PROXY_ADDRESSES": "127.0.0.1", "FORWARDED_ALLOW_IPS": ""}
    with AppProcess(demo, tmp_path_factory.mktemp("incidents"), entry=HOSTED, **settings) as app:
        yield app


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


def tab_of(app: AppProcess, name: str) -> ProxiedTab:
    tab = ProxiedTab(app.port)
    tab.headers = [("X-Forwarded-User", name)]
    return tab


def raw(app: AppProcess, request: bytes, within: float = 10) -> bytes:
    """What is answered to bytes that no client library would send."""
    answer = b""
    # What waits for more of a request is not waited for: that the server answers others is what is looked at.
    with (
        socket.create_connection(("127.0.0.1", app.port), timeout=within) as connection,
        suppress(TimeoutError, OSError),
    ):
        connection.sendall(request)
        while part := connection.recv(65536):
            answer += part
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def alive(app: AppProcess) -> bool:
    return httpx.get(f"{app.url}/ready").status_code == 200


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\..\\x", "a\0b", "x" * 300, "\u2215etc\u2215x"]
)
def test_cve_2026_22218_a_file_is_asked_for_by_its_digest_and_never_by_a_path(store: Store, name: str):
    # Chainlit: the path of an element was read from the disk.
    with pytest.raises(NotFoundError):
        store.file_data("ann", name)


@pytest.mark.parametrize("name", ["../../app/x.py", "C:\\x", "a/../../b", "/etc/cron.d/x", "x" * 300])
def test_ghsa_qrm5_r67f_6692_cve_2026_24486_the_name_of_a_file_is_a_label(store: Store, name: str, tmp_path: Path):
    # LibreChat, python-multipart: a name led out of the folder in which files were written.
    before = sorted(tmp_path.parent.rglob("*"))
    chat = store.create_conversation("ann").id
    file = store.add_file("ann", chat, name=name, mime="text/plain", kind="text", data=b"hello")
    assert re.fullmatch("[0-9a-f]{64}", file.sha256)
    assert store.file_data("ann", file.sha256) == b"hello"
    assert [
        path for path in sorted(tmp_path.parent.rglob("*")) if path not in before and "orchat.db" not in path.name
    ] == []


def test_cve_2026_31950_cve_2026_45349_cve_2026_54015_cve_2026_45671_foreign_ids_are_not_found(store: Store):
    # LibreChat, Open WebUI: streams, chats, nested messages and files of others by their id.
    theirs = store.create_conversation("bob").id
    inside = store.add_message("bob", theirs, role="user", wire={"content": "secret"}, parent_id=None)
    mine = store.create_conversation("ann").id
    chat, file = store.conversation("bob", theirs), store.add_file("bob", theirs, **FILE)
    assert re.fullmatch("[0-9a-f]{32}", theirs)
    for attempt in (
        lambda: store.branch("ann", theirs),
        lambda: store.branch("ann", mine, inside.id),
        lambda: store.delete("ann", theirs),
        lambda: store.set_leaf("ann", mine, inside.id),
        lambda: store.add_message("ann", mine, role="user", wire={}, parent_id=inside.id),
        lambda: store.rename("ann", theirs, "Mine now"),
        lambda: store.set_tags("ann", theirs, ["mine"]),
        lambda: store.conversation("ann", theirs),
        lambda: as_json(store, "ann", [chat]),
        lambda: as_markdown(store, "ann", [chat]),
        lambda: as_html(store, "ann", [chat]),
        lambda: store.file_data("ann", file.sha256),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert store.conversation("bob", theirs) == chat
    assert store.file_data("bob", file.sha256) == b"secret"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/tools/x.py", "/app/static/x.py", "/media/x.py", "/orchat/x.py"])
def test_cve_2026_45395_no_web_path_writes_code(app: AppProcess, method: str, path: str):
    # Open WebUI: a tool was updated over the web, by who was not allowed to, and ran.
    assert httpx.request(method, app.url + path, content=b"print(1)").status_code in (403, 404, 405)


def test_cve_2026_22252_mcp_servers_come_from_the_operators_file_only():
    # LibreChat: the command of a stdio server could be given over the web.
    using = [path for path in (ROOT / "orchat").rglob("*.py") if "MCPServers(" in path.read_text()]
    assert [str(path.relative_to(ROOT)) for path in using] == ["orchat/workshop.py"]
    assert "settings.mcp_config" in (ROOT / "orchat" / "workshop.py").read_text()


@pytest.mark.parametrize("header", ["X-Api-Key", "Authorization", "Cookie", "X-Orchat-Person", "X-User", "Remote-User"])
def test_cve_2026_45339_cve_2026_39411_no_other_header_says_who_is_there(app: AppProcess, header: str):
    # Open WebUI: another header went round the restrictions. LobeHub: the header could be forged.
    tab = ProxiedTab(app.port)
    tab.headers = [(header, "_streamlit_user=eve" if header == "Cookie" else "eve")]
    with tab:
        tab.rerun()
        assert tab.chat_input == ""
    with app.store as store:
        assert EVE not in {known.owner for known in store.everybody()}


def test_cve_2025_64496_what_arrives_never_becomes_html_or_script():
    # Open WebUI: events of an untrusted server were run as script.
    for path in [*(ROOT / "orchat").rglob("*.py"), *(ROOT / "pages").glob("*.py"), *(ROOT / "tools").rglob("*.py")]:
        if path.is_relative_to(ROOT / "orchat" / "sandbox" / "runner"):
            continue  # running code is what it is for, and it runs in the sandbox only
        text = path.read_text()
        assert not re.search(r"unsafe_allow_\w+\s*=\s*True", text), path
        assert not re.search(r"\beval\(|\bexec\(|pickle\.loads", text), path


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "<svg onload=alert(1)>",
    ],
)
def test_cve_2025_64495_text_is_shown_and_never_run(text: str):
    # Open WebUI: a prompt was put into the page as rich text.
    for shown in (plain(text), presentable(text)):
        assert not re.search(r"(?<!\\)\]\((?:javascript|data):", shown)
    assert "<script" not in plain(text).replace("\\<", "")


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("to_be_continued", [False, True], ids=["whole", "streaming"])
def test_ai_dial_chat_7109_dust_12359_dify_30874_no_image_is_loaded_from_another_host(text: str, to_be_continued: bool):
    # dial-chat, dust, dify: an image whose address holds what was to stay secret.
    shown = presentable(text.format(base="https://evil.test/?q=secret"), open=to_be_continued)
    assert images(shown) == []
    assert not any(token.type.startswith("html") for token in tokens(BROWSER, shown))
    drawn = re.search(r"```mermaid.*?(https://evil\.test|@import|url\()", shown, re.DOTALL | re.IGNORECASE)
    assert drawn is None


def session_of(tab: ProxiedTab, old: str = "") -> str:
    """Run the page over a connection of its own; return the id of the session that it got."""
    protocols = [Subprotocol(name) for name in ("streamlit", "xsrf", old) if name]
    with connect(
        f"ws://127.0.0.1:{tab.port}/_stcore/stream",
        subprotocols=protocols,
        additional_headers=tab.headers,
        max_size=None,
    ) as connection:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        message.rerun_script.query_string = ""
        connection.send(message.SerializeToString())
        while True:
            frame = connection.recv(30)
            assert isinstance(frame, bytes)
            answer = ForwardMsg.FromString(frame)
            if answer.WhichOneof("type") == "new_session":
                return str(answer.new_session.initialize.session_id)


def test_chainlit_2_10_1_a_session_is_given_back_to_nobody_else(app: AppProcess):
    # Chainlit: a websocket session was restored without asking whose it was.
    anns = session_of(tab_of(app, "ann"))
    assert session_of(tab_of(app, "ann"), anns) == anns
    assert session_of(tab_of(app, "eve"), anns) != anns


GARBAGE = [
    b"DELETE /?x=%00%ff HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x00" * 100,
    b"POST /_stcore/upload_file/x/y HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("request_", GARBAGE, ids=range(len(GARBAGE)))
def test_cve_2026_31949_a_malformed_request_stops_nobody_else(app: AppProcess, request_: bytes):
    # LibreChat: one malformed DELETE ended the server.
    raw(app, request_, within=1)
    assert alive(app)


def test_cve_2026_31949_garbage_on_a_websocket_stops_nobody_else(app: AppProcess):
    random_ = random.Random(31949)
    for _ in range(20):
        with connect(f"ws://127.0.0.1:{app.port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")]) as socket_:
            try:
                for _ in range(5):
                    socket_.send(random_.randbytes(random_.randrange(1, 2000)))
            except ConnectionClosed:
                pass
    assert alive(app)
    with tab_of(app, "ann") as tab:
        tab.rerun()
        assert tab.chat_input


@pytest.mark.parametrize("host", ["x/../metrics", "127.0.0.1:1@evil", "[::1", "a b", "%2f%2e%2e", ""])
def test_cve_2026_48710_a_malformed_host_opens_no_private_path(app: AppProcess, host: str):
    # Starlette: the path was checked in an address that the Host header had a part in.
    for path in ("/metrics", "//metrics", "/%6detrics", "/x/../metrics"):
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n\r\n"
        assert b"orchat_runs" not in raw(app, request.encode())


@pytest.mark.parametrize(
    "path",
    [
        "/app/static/..%5c..%5cx",
        "/app/static/../../../etc/passwd",
        "/component/x/../../../../etc/passwd",
        "/static/..%2f..%2f..%2f..%2fetc/passwd",
        "/media/../../etc/passwd",
        "/static/%5c%5cevil.test%5cx",
        "/_stcore/bidi-components/x/../../../../etc/passwd",
    ],
)
def test_cve_2026_33682_cve_2024_42474_cve_2022_35918_cve_2026_48818_no_path_leads_out(app: AppProcess, path: str):
    # Streamlit, Starlette: paths that led out of the folders of static files and components.
    answer = raw(app, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    # Streamlit answers what is none of its files with its index page.
    assert status(answer) in (400, 403, 404) or b'<div id="root">' in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "path", ["/{}", "/?x={}", "/models/{}", "/static/{}", "/component/{}/x", "/media/{}", "/ready?{}"]
)
@pytest.mark.parametrize("script", ["<script>alert(27494)</script>", "%3Cscript%3Ealert(27494)%3C/script%3E"])
def test_cve_2023_27494_a_script_in_an_address_is_in_no_answer(app: AppProcess, path: str, script: str):
    # Streamlit: a part of the address was written into the page of an error.
    answer = raw(app, f"GET {path.format(script)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert status(answer) in (200, 307, 400, 403, 404)
    assert b"<script>alert(27494)" not in answer


@pytest.mark.parametrize(
    "package, least", [("streamlit", "1.59"), ("starlette", "1.0.1"), ("python-multipart", "0.0.22")]
)
def test_cve_2026_48710_cve_2026_24486_cve_2026_48818_cve_2026_33682_the_locked_versions_have_the_repair(
    package: str, least: str
):
    found = re.search(rf"^{package}==(\S+)", LOCK, re.MULTILINE)
    assert found
    assert Version(found[1]) >= Version(least)


def test_secrets_are_in_no_page_that_anybody_gets(app: AppProcess):
    for path in ("/", "/ready", "/_stcore/host-config", "/_stcore/health", "/artifact-frame"):
        assert app.demo.api_key not in httpx.get(app.url + path).text
