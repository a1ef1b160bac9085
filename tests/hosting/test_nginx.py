"""The nginx snippet of docs/hosting.md, in front of the hosted app."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from orchat.demo import DemoServer
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.test_trusted_proxy import ProxiedTab

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SNIPPET = re.search(r"^```nginx\n(.*?)^```$", (ROOT / "docs/hosting.md").read_text(), re.MULTILINE | re.DOTALL)
AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {snippet}
    }}
}}
"""


@pytest.fixture(scope="module")
def port(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where nginx listens."""
    if NGINX is None:
        pytest.skip("there is no nginx: install Debian's package nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    settings = {"ORCHAT_LOGIN": "proxy", "ORCHAT_PROXY_ADDRESSES": "127.0.0.1", "FORWARDED_ALLOW_IPS": ""}
    with AppProcess(demo, folder / "app", entry=HOSTED, **settings) as app:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = int(listening.getsockname()[1])
        assert SNIPPET is not None
        snippet = SNIPPET[1].replace("127.0.0.1:8501", f"127.0.0.1:{app.port}")
        (folder / "conf").write_text(AROUND.format(folder=folder, port=port, snippet=snippet))
        process = subprocess.Popen([NGINX, "-c", folder / "conf", "-p", folder], stderr=subprocess.DEVNULL)
        try:
            wait(port, folder / "log")
            yield port
        finally:
            process.terminate()
            process.wait(10)


def wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        with suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200:
                return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_the_page_comes_with_its_headers_and_the_metrics_stay_inside(port: int):
    assert "default-src 'none'" in httpx.get(f"http://127.0.0.1:{port}/").headers["content-security-policy"]
    assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 404


def test_a_websocket_passes(port: int):
    with connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")]) as socket_:
        assert socket_.subprotocol == "streamlit"


def test_a_browser_cannot_say_who_it_is(port: int):
    tab = ProxiedTab(port)
    tab.headers = [("X-Forwarded-User", "eve")]
    with tab:
        tab.rerun()
        assert tab.chat_input == ""


def test_an_upload_as_large_as_orchat_takes_passes(port: int):
    answer = httpx.put(
        f"http://127.0.0.1:{port}/_stcore/upload_file/no-such-session/no-such-file",
        files={"file": ("large.bin", bytes(25_000_000))},
        timeout=30,
    )
    assert answer.status_code != 413
