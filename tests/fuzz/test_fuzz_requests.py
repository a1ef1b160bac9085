"""Any request that a browser may send over HTTP: uploads, and what other servers send it back with.

Named after LibreChat's CVE-2026-31949, where one malformed request ended the server for all.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import strategies as st

from benchmarks.page_client import Tab
from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.fuzz.fuzzing import BRIEF_OR_LONG, SPECIAL, fuzz, mutated
from tests.hosting.conftest import HOSTED
from tests.hosting.provider import LoginProcess, Provider
from tests.hosting.test_incidents_in_uploads import on_the_disk
from tests.hosting.uploading import TYPE, UploadingTab, quoted

DATA = b"up5c1f " * 40
BODIES = [
    b"--edge\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + DATA + b"\r\n--edge--\r\n"
    for head in (
        quoted(b"a.txt"),
        quoted(b"../../up5c1f.txt"),
        b"name=\"file\"; filename*=UTF-8''up5c1f.txt\r\nContent-Type: text/plain",
        b'name="file"',
    )
]
TYPES = [
    *[TYPE] * 12,
    *("multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="edge'),
    *("multipart/form-data; boundary=" + "e" * 5_000, "application/x-www-form-urlencoded", "text/plain", ""),
]
KNOWN = ["code", "state", "error", "error_description", "iss", "session_state", "connect", "chat"]
VALUES = st.text(max_size=60) | st.sampled_from([piece.decode("utf-8", "replace") for piece in SPECIAL])
QUERIES = st.lists(st.tuples(st.sampled_from(KNOWN) | VALUES, VALUES), max_size=6).map(urlencode)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo:
        yield demo


@pytest.fixture(scope="module")
def app(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    settings = {"ORCHAT_DEFAULT_MODEL": "demo/fast", "ORCHAT_TITLE_MODEL": "none"}
    with AppProcess(demo, tmp_path_factory.mktemp("requests"), entry=HOSTED, **settings) as app:
        yield app


def check_it_serves(url: str, response: httpx.Response) -> None:
    assert response.status_code < 500
    assert "Traceback" not in response.text
    assert httpx.get(f"{url}/ready").status_code == 200


@BRIEF_OR_LONG
def test_cve_2026_31949_no_body_of_an_upload_fails_inside_or_leaves_anything_on_the_disk(
    app: AppProcess, seconds: float
):
    with UploadingTab(app.port) as tab:
        tab.rerun()
        before, places = on_the_disk(app), [tab.place().upload_url]

        def check(request: tuple[str, str, bytes]) -> None:
            method, kind, body = request
            headers = {"Content-Type": kind, "X-Xsrftoken": tab.xsrf}
            check_it_serves(app.url, tab.http.request(method, places[0], content=body, headers=headers))

        requests = st.tuples(
            st.sampled_from(["PUT", "PUT", "PUT", "POST", "DELETE"]), st.sampled_from(TYPES), mutated(BODIES)
        )
        fuzz(requests, check, seconds)
        assert on_the_disk(app) - before == set()
        place = tab.place()
        assert tab.put(place.upload_url, quoted(b"a.txt"), DATA).status_code == 204


@BRIEF_OR_LONG
def test_cve_2026_31949_no_answer_of_a_login_provider_fails_inside_or_lets_in(
    demo: DemoServer, tmp_path_factory: pytest.TempPathFactory, seconds: float
):
    with Provider() as provider, LoginProcess(demo, provider, tmp_path_factory.mktemp("logins")) as app:

        def check(query: str) -> None:
            with httpx.Client(timeout=30) as browser:
                begun = browser.get(f"{app.url}/auth/login")
                assert begun.status_code in (302, 303, 307)
                answer = browser.get(f"{app.url}/oauth2callback?{query}")
                check_it_serves(app.url, answer)
                assert not any("user" in cookie.name and cookie.value for cookie in browser.cookies.jar)

        fuzz(QUERIES, check, seconds, examples=30)


@BRIEF_OR_LONG
def test_cve_2026_31949_no_address_of_a_page_fails_inside(app: AppProcess, seconds: float):
    def check(query: str) -> None:
        with Tab(app.port, query=query) as tab:
            tab.rerun()
            assert tab.chat_input

    fuzz(QUERIES, check, seconds, examples=30)
