"""The nginx snippet of docs/hosting.md, in front of the hosted app."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from orchat.demo import DemoServer
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab
from tests.hosting.test_proxy import OF_ERRORS

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SNIPPET = re.search(r"^```nginx\n(.*?)^```$", (ROOT / "docs/hosting.md").read_text(), re.MULTILINE | re.DOTALL)
AROUND = """
daemon off;
{user}
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
    {snippet}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where it listens, with TLS and without."""

    port: int
    plain: int

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


@pytest.fixture(scope="module")
def nginx(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx with what the page says, behind which an app runs."""
    if NGINX is None:
        pytest.skip("there is no nginx: install Debian's package nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    settings = {"ORCHAT_LOGIN": "proxy", "ORCHAT_PROXY_ADDRESSES": "127.0.0.1", "FORWARDED_ALLOW_IPS": ""}
    with AppProcess(demo, folder / "app", entry=HOSTED, **settings) as app, in_front_of(app.port, folder) as nginx:
        yield nginx


@contextmanager
def in_front_of(behind: int, folder: Path) -> Iterator[Nginx]:
    """Run nginx with what the page says, on ports of its own and with a certificate of its own."""
    folder.mkdir(exist_ok=True)
    nginx = Nginx(free_port(), free_port())
    certificate = ["-subj", "/CN=localhost", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *certificate], check=True, capture_output=True
    )
    assert SNIPPET is not None
    changes = {
        "127.0.0.1:8501": f"127.0.0.1:{behind}",
        "listen 443 ssl": f"listen 127.0.0.1:{nginx.port} ssl",
        "listen 80": f"listen 127.0.0.1:{nginx.plain}",
        "/etc/ssl/chat.example.com": str(folder),
    }
    snippet = SNIPPET[1]
    for said, here in changes.items():
        assert said in snippet
        snippet = snippet.replace(said, here)
    # What is large goes through a folder of this user's.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "conf").write_text(AROUND.format(folder=folder, snippet=snippet, user=user))
    process = subprocess.Popen([NGINX, "-c", folder / "conf", "-p", folder], stderr=subprocess.DEVNULL)
    try:
        wait(nginx.url, folder / "log")
        yield nginx
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        with suppress(httpx.HTTPError):
            # Whatever it answers, it is there.
            httpx.get(url, verify=False)
            return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_the_page_comes_with_its_headers_and_the_metrics_stay_inside(nginx: Nginx):
    headers = httpx.get(nginx.url, verify=False).headers
    [policy] = headers.get_list("content-security-policy")
    assert "script-src 'self'" in policy
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("strict-transport-security") == ["max-age=31536000"]
    assert httpx.get(f"{nginx.url}/metrics", verify=False).status_code == 404


@pytest.mark.parametrize("status", [413, 502])
def test_what_nginx_answers_by_itself_is_held_down_too(nginx: Nginx, status: int, tmp_path: Path):
    with in_front_of(free_port(), tmp_path) if status == 502 else nullcontext(nginx) as asked:
        refused = httpx.put(asked.url, content=bytes(32_000_000 if status == 413 else 0), verify=False)
    assert refused.status_code == status
    assert {name: refused.headers.get_list(name) for name in OF_ERRORS} == OF_ERRORS


def test_without_tls_it_leads_to_tls(nginx: Nginx):
    answer = httpx.get(f"http://localhost:{nginx.plain}/usage?x=1")
    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/usage?x=1")


def tab(nginx: Nginx, **headers: str) -> Tab:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return Tab(nginx.url, headers={name.replace("_", "-"): value for name, value in headers.items()}, ssl=context)


def test_a_websocket_passes_and_a_browser_cannot_say_who_it_is(nginx: Nginx):
    with tab(nginx, X_Forwarded_User="eve") as opened:
        said = opened.draw()
    assert "did not say who you are" in said
    assert "chat_input" not in said


def test_an_upload_as_large_as_orchat_takes_passes(nginx: Nginx):
    answer = httpx.put(
        f"{nginx.url}/_stcore/upload_file/no-such-session/no-such-file",
        files={"file": ("large.bin", bytes(25_000_000))},
        timeout=30,
        verify=False,
    )
    # orchat's own word: there is no such session.
    assert answer.status_code == 403
