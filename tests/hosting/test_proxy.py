"""The proxy of the team's compose file, in front of two replicas: TLS, probes, and each browser on one of them."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from orchat.demo import DemoServer
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab

CADDY = shutil.which("caddy")
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
OF_ERRORS = {
    "content-security-policy": ["default-src 'none'; frame-ancestors 'none'"],
    "x-content-type-options": ["nosniff"],
    "strict-transport-security": ["max-age=31536000"],
}
"""On what a proxy answers without orchat."""
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
        in_front_of([one, two], folder) as proxy,
    ):
        yield proxy


@contextmanager
def in_front_of(
    replicas: list[AppProcess], folder: Path, caddyfile: str = CADDYFILE, **environment: str
) -> Iterator[Proxy]:
    """Run the proxy of the team's deployment."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    # No port for plain HTTP: the one that it would take may belong to somebody else.
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    (folder / "Caddyfile").write_text(options + caddyfile)
    environment |= {
        "PATH": os.defpath,
        "HOME": str(folder),
        "ORCHAT_HOST": f"localhost:{port}",
        "ORCHAT_REPLICAS": " ".join(f"127.0.0.1:{replica.port}" for replica in replicas),
    }
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        proxy = Proxy(port, replicas)
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
    [policy] = headers.get_list("content-security-policy")
    assert "script-src 'self'" in policy
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_what_the_proxy_answers_by_itself_is_held_down_too(tmp_path: Path, demo: DemoServer):
    if CADDY is None:
        pytest.skip("there is no caddy: install Debian's package caddy")
    with (
        AppProcess(demo, tmp_path / "one", entry=HOSTED) as one,
        in_front_of([one], tmp_path, CADDYFILE.replace("10s", "0s")) as proxy,
        proxy.client() as browser,
    ):
        one.stop()
        refused = browser.get("/")
        headers = {name: refused.headers.get_list(name) for name in OF_ERRORS}
    assert refused.status_code in (502, 503)
    assert headers == OF_ERRORS


def test_the_metrics_stay_inside(proxy: Proxy):
    with proxy.client() as browser:
        assert browser.get("/metrics").status_code == 404
        assert browser.get("/_stcore/metrics").status_code == 404


def tab(proxy: Proxy, **headers: str) -> Tab:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    # A visitor at the proxy's own address is not told from a program beside it.
    return Tab(proxy.url, headers=named, ssl=context, source_address=("127.0.0.2", 0))


def test_a_websocket_passes(proxy: Proxy):
    with tab(proxy) as passed:
        assert "chat_input" in passed.draw()


def test_a_replica_that_ended_is_left_out(proxy: Proxy):
    with proxy.client() as browser:
        browser.get("/ready")
        proxy.replicas[0].stop()
        assert [browser.get("/ready").status_code for _ in range(5)] == [200] * 5


@pytest.fixture(scope="module")
def knowing(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """An app that believes a proxy on this machine, in a header of another name than the default."""
    settings = {"ORCHAT_LOGIN": "proxy", "ORCHAT_PROXY_ADDRESSES": "127.0.0.1", "ORCHAT_PROXY_HEADER": "X-Who"}
    with AppProcess(demo, tmp_path_factory.mktemp("knowing"), entry=HOSTED, FORWARDED_ALLOW_IPS="", **settings) as app:
        yield app


def shown(proxy: Proxy, **headers: str) -> str:
    """What the page shows to a visitor with these headers."""
    with tab(proxy, **headers) as opened:
        return opened.draw()


def test_a_visitor_cannot_name_themselves_whatever_the_header_is_called(knowing: AppProcess, tmp_path: Path):
    if CADDY is None:
        pytest.skip("there is no caddy: install Debian's package caddy")
    with in_front_of([knowing], tmp_path, ORCHAT_PROXY_HEADER="X-Who") as proxy:
        said = shown(proxy, X_Who="eve", X_Forwarded_User="eve")
    assert "did not say who you are" in said
    assert "chat_input" not in said


def test_what_the_proxy_finds_out_is_believed_and_what_a_visitor_says_beside_it_is_not(
    knowing: AppProcess, tmp_path: Path
):
    if CADDY is None:
        pytest.skip("there is no caddy: install Debian's package caddy")

    class Knows(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("X-Auth-Request-User", "ann")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    # The lines of the Caddyfile that are there for this.
    asking = re.sub(r"(?m)^(\t+)# (forward_auth|\t|\})", r"\1\2", CADDYFILE).replace(">X-Forwarded-User", ">X-Who")
    with ThreadingHTTPServer(("127.0.0.1", 0), Knows) as auth:
        threading.Thread(target=auth.serve_forever, daemon=True).start()
        asking = asking.replace("oauth2-proxy:4180", f"127.0.0.1:{auth.server_port}")
        with in_front_of([knowing], tmp_path, asking, ORCHAT_PROXY_HEADER="X-Who") as proxy:
            assert "chat_input" in shown(proxy, X_Who="eve")
        auth.shutdown()
    with knowing.store as store:
        assert {known.owner for known in store.everybody()} == {"proxy|ann"}
