"""The hosted entry, reachable from everywhere as in the image, asks nobody on the internet for its own address."""

import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED


@pytest.fixture
def proxy() -> Iterator[socket.socket]:
    """What every request to another machine would go through; nobody answers it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def was_asked(proxy: socket.socket) -> bool:
    return bool(select.select([proxy], [], [], 0)[0])


def test_neither_its_start_nor_a_page_from_elsewhere_makes_it_ask(
    demo: DemoServer, proxy: socket.socket, tmp_path: Path
):
    address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
    through = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "NO_PROXY": "127.0.0.1"}
    names = through | {name.lower(): value for name, value in through.items()}
    with AppProcess(demo, tmp_path, entry=HOSTED, STREAMLIT_SERVER_ADDRESS="0.0.0.0", **names) as app:
        assert not was_asked(proxy)
        with pytest.raises(InvalidStatus):
            connect(f"ws://127.0.0.1:{app.port}/_stcore/stream", origin="https://elsewhere.example", proxy=None)
        assert not was_asked(proxy)
        assert f"http://127.0.0.1:{app.port}" in app.said()
