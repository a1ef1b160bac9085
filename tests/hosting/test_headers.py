"""Headers and policies of the hosted entry."""

import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from orchat.demo import DemoServer
from orchat.hosting.headers import SecurityHeaders
from orchat.hosting.policy import content_security_policy
from tests.browser.app_process import AppProcess
from tests.hosting.logging_in import ANN, log_in
from tests.hosting.provider import LoginProcess, Provider
from tests.hosting.test_incidents import GARBAGE, raw, status
from tests.hosting.uploading import UploadingTab, quoted

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
}
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
PATHS = (
    *("/", "/models", "/_stcore/health", "/_stcore/host-config", "/ready", "/static/nothing.js", "/media/nothing"),
    *("/auth/login", "/auth/logout", "/oauth2callback"),
)


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_headers(http: httpx.Client, path: str):
    response = http.get(path)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "default-src 'none'" in response.headers["content-security-policy"]


def lacking(response: httpx.Response) -> dict[str, str | None]:
    """The headers that a response has otherwise than it should."""
    found = {name: response.headers.get(name) for name in HEADERS}
    return {name: value for name, value in found.items() if value != HEADERS[name]}


def test_a_login_has_the_headers_at_each_of_its_steps(demo: DemoServer, tmp_path: Path):
    answers: list[httpx.Response] = []
    with Provider() as provider, LoginProcess(demo, provider, tmp_path) as app:
        provider.person, provider.sign = ANN, provider.signed
        with httpx.Client(timeout=30, event_hooks={"response": [answers.append]}) as browser:
            log_in(app, browser)
    ours = {answer.url.path: answer for answer in answers if answer.url.port == app.port}
    assert ours.keys() >= {"/auth/login", "/oauth2callback", "/"}
    assert {path: lacking(answer) for path, answer in ours.items() if lacking(answer)} == {}


def test_an_upload_that_is_taken_has_the_headers(hosted: AppProcess):
    with UploadingTab(hosted.port) as tab:
        tab.rerun()
        response = tab.put(tab.place().upload_url, quoted(b"a.txt"), b"Hello")
    assert (response.status_code, lacking(response)) == (204, {})


@pytest.mark.parametrize("request_", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_http_is_refused_by_the_server_itself_in_a_line_of_text(hosted: AppProcess, request_: bytes):
    # It never gets as far as anything of ours; docs/hosting.md says so.
    head, _, body = raw(hosted, request_, within=1).partition(b"\r\n\r\n")
    if body != b"Invalid HTTP request received.":
        assert not head or b"content-security-policy:" in head
        return
    assert status(head) == 400
    assert b"content-type: text/plain; charset=utf-8" in head


REFUSALS: tuple[tuple[str, str, dict[str, str], int], ...] = (
    ("GET", "/_stcore/stream", UPGRADE | {"Origin": "http://evil.test"}, 403),
    ("GET", "/metrics", {"X-Forwarded-For": "192.0.2.1"}, 404),
    ("POST", "/ready", {}, 405),
    ("PUT", "/_stcore/upload_file/no-session/no-file", {}, 403),
    ("GET", "//evil.test/%5c", {}, 400),
)


@pytest.mark.parametrize(("method", "path", "headers", "status"), REFUSALS, ids=lambda value: str(value)[:24])
def test_a_refusal_has_the_headers_too(
    http: httpx.Client, method: str, path: str, headers: dict[str, str], status: int
):
    response = http.request(method, path, headers=headers)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_a_route_that_fails_is_answered_with_the_headers_and_its_error_goes_on_to_the_log():
    def fail(_request: Request) -> Response:
        raise LookupError("a fault of ours")

    app = Starlette(routes=[Route("/", fail)], middleware=[Middleware(SecurityHeaders, HEADERS)])
    with pytest.raises(LookupError):
        TestClient(app).get("/")
    response = TestClient(app, raise_server_exceptions=False).get("/")
    assert (response.status_code, response.text) == (500, "Internal Server Error")
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_a_websocket_that_is_accepted_and_closed_is_left_alone():
    async def close(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close(4001)

    app = Starlette(routes=[WebSocketRoute("/", close)], middleware=[Middleware(SecurityHeaders, HEADERS)])
    with TestClient(app).websocket_connect("/") as connection, pytest.raises(WebSocketDisconnect) as caught:
        connection.receive_text()
    assert caught.value.code == 4001


def test_the_policy_lets_no_foreign_host_and_no_unknown_script_in(http: httpx.Client):
    policy = directives(http.get("/").headers["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(policy["script-src"]) == set()
    for values in policy.values():
        assert [value for value in values if re.match(r"https?:|\*|\w+\.\w", value)] == []


def test_the_policy_names_the_scripts_of_the_index_page_by_their_hash():
    policy = content_security_policy("<script>alert(1)</script><script src='x.js'></script>")
    assert policy.count("'sha256-") == 1
    # echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
    assert "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in policy


def test_ghsa_4r2p_27mh_5m22_the_frame_for_artifacts_has_an_origin_of_its_own(http: httpx.Client):
    response = http.get("/artifact-frame")
    policy = directives(response.headers["content-security-policy"])
    assert policy["sandbox"] == ["allow-scripts"]
    assert policy["default-src"] == ["'none'"]
    assert "connect-src" not in policy
    assert response.headers["x-frame-options"] == "SAMEORIGIN"
