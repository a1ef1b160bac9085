"""A PostgreSQL that several replicas share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Store
from tests.store.conftest import fresh_schema, postgresql

__all__ = ["postgresql"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(postgresql: str) -> Iterator[str]:
    """The URL of a database that nobody has opened yet."""
    yield from fresh_schema(postgresql)


@pytest.fixture
def open_store(url: str) -> Iterator[Callable[[], Store]]:
    """Open the database, once for each replica."""
    opened: list[Store] = []

    def open_store() -> Store:
        opened.append(Store.open(url))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=1) as demo:
        yield demo


@pytest.fixture
def here(url: str, demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The replica that is this process; the other one gets the same settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("ORCHAT_TITLE_MODEL", "none")
    monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    services = Services(Settings.load())
    yield services
    services.close()
