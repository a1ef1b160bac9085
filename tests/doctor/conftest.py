"""Examines an installation with settings that a test names; databases are those of other tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.doctor import Finding, examine
from tests.search.conftest import pgvector
from tests.store.conftest import postgresql, url

__all__ = ["Examine", "demo", "find", "pgvector", "postgresql", "url"]
Examine = Callable[..., dict[str, Finding]]


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo:
        yield demo


@pytest.fixture
def find(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    # Its self-tests take a second each time.
    monkeypatch.setenv("ORCHAT_SANDBOX", "off")

    def find(**settings: str) -> dict[str, Finding]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return {finding.subject: finding for finding in examine()}

    return find
