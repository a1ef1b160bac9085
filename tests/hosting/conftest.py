"""The hosted entry as a process of its own."""

from collections.abc import Iterator

import httpx
import pytest

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess

HOSTED = "deploy/asgi.py"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo:
        yield demo


@pytest.fixture(scope="module")
def hosted(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with AppProcess(demo, tmp_path_factory.mktemp("hosted"), entry=HOSTED) as app:
        yield app


@pytest.fixture
def http(hosted: AppProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hosted.url) as client:
        yield client
