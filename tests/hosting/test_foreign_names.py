"""A foreign page that lets its own name lead here (DNS rebinding) gets nothing, whichever entry is running."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab

PUBLIC = "https://chat.example.org/somewhere"


@pytest.fixture(scope="module", params=["streamlit_app.py", HOSTED])
def app(
    request: pytest.FixtureRequest, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppProcess]:
    folder = tmp_path_factory.mktemp("names")
    with AppProcess(demo, folder, entry=request.param, ORCHAT_PUBLIC_URL=PUBLIC) as app:
        yield app


def page(app: AppProcess, name: str) -> str:
    """All that a page gets which has this name for the app, as text."""
    with (
        socket.create_connection(("127.0.0.1", app.port)) as there,
        Tab(f"http://{name}:{app.port}", sock=there) as tab,
    ):
        return tab.draw()


@pytest.mark.parametrize("name", ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "chat.example.org.evil"])
def test_cve_2026_48710_a_page_of_a_foreign_name_gets_no_chat(app: AppProcess, name: str):
    said = page(app, name)
    assert "asked for by a name that is not this machine" in said
    assert "chat_input" not in said


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "chat.example.org"])
def test_a_page_of_a_name_of_its_own_does(app: AppProcess, name: str):
    assert "chat_input" in page(app, name)


def test_cve_2026_48710_metrics_are_for_no_foreign_name(app: AppProcess):
    def metrics(host: str) -> httpx.Response:
        return httpx.get(f"{app.url}/metrics", headers={"Host": host})

    if app.entry == HOSTED:
        assert "orchat_runs" in metrics(f"localhost:{app.port}").text
    assert "orchat_runs" not in metrics("evil.test").text
