"""LangChain's standard suites and ours talk to the embedded OpenRouter on loopback."""

from collections.abc import Iterator

import pytest

from orchat.demo import DemoServer


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoServer]:
    with DemoServer(port=0, speed=200, record=True) as server:
        yield server
