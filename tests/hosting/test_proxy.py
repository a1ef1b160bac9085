"""The proxy of the team's compose file, in front of two replicas: TLS, probes, and each browser on one of them."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from orchat.demo import DemoServer
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting.conftest import HOSTED

CADDY = shutil.which("caddy")
REPLICA = "orchat_replica"


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and what stands behind it."""

    port: int
    replicas: list[AppProcess]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def client(self) -> httpx.Client:
        # Its certificate is its own.
        return httpx.Client(base_url=self.url, verify=False)


@pytest.fixture(scope="module")
def proxy(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if CADDY is None:
        pytest.skip("there is no caddy: install Debian's package caddy")
    folder = tmp_path_factory.mktemp("proxy")
    with (
        AppProcess(demo, folder / "one", entry=HOSTED) as one,
        AppProcess(demo, folder / "two", entry=HOSTED) as two,
    ):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        # No port for plain HTTP: the one that it would take may belong to somebody else.
        options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
        (folder / "Caddyfile").write_text(options + (ROOT / "deploy" / "Caddyfile").read_text())
        environment = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "ORCHAT_HOST": f"localhost:{port}",
            "ORCHAT_REPLICAS": f"127.0.0.1:{one.port} 127.0.0.1:{two.port}",
        }
        command = [CADDY, "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            proxy = Proxy(port, [one, two])
            wait(proxy, folder / "log")
            yield proxy
        finally:
            process.terminate()
            process.wait(10)


def wait(proxy: Proxy, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with proxy.client() as browser:
                if browser.get("/ready").status_code == 200:
                    return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def test_each_browser_stays_on_the_replica_that_it_came_to(proxy: Proxy):
    seen = set()
    for _ in range(12):
        with proxy.client() as browser:
            replicas = {browser.get("/ready").cookies.get(REPLICA) or browser.cookies[REPLICA] for _ in range(4)}
            assert len(replicas) == 1
            seen |= replicas
    assert len(seen) == 2


def test_the_page_comes_with_the_headers_of_both(proxy: Proxy):
    with proxy.client() as browser:
        headers = browser.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_the_metrics_stay_inside(proxy: Proxy):
    with proxy.client() as browser:
        assert browser.get("/metrics").status_code == 404
        assert browser.get("/_stcore/metrics").status_code == 404


def test_a_websocket_passes(proxy: Proxy):
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with connect(
        f"wss://localhost:{proxy.port}/_stcore/stream", ssl=context, subprotocols=[Subprotocol("streamlit")]
    ) as socket_:
        assert socket_.subprotocol == "streamlit"


def test_a_replica_that_ended_is_left_out(proxy: Proxy):
    with proxy.client() as browser:
        browser.get("/ready")
        proxy.replicas[0].stop()
        assert [browser.get("/ready").status_code for _ in range(5)] == [200] * 5
