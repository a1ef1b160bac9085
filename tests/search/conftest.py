"""Every test of a collection runs on SQLite, in memory, and on PostgreSQL where pgvector is at hand."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest

from orchat.search import Collection
from tests.store.conftest import fresh_schema
from tests.store.postgresql import temporary_server


class Open(Protocol):
    def __call__(self, owner: str = "ann", name: str = "", **options: Any) -> Collection: ...


@pytest.fixture(scope="session")
def pgvector() -> Iterator[str]:
    """The URL of a server with pgvector."""
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed: pip install 'psycopg[binary]'")
    if given := os.environ.get("ORCHAT_TEST_PGVECTOR_URL"):  # noqa: TID251 - a setting of the tests, not of orchat
        yield given
        return
    package = importlib.util.find_spec("pgserver")
    if package is None or package.origin is None:
        pytest.skip("no pgvector: set ORCHAT_TEST_PGVECTOR_URL or install pgserver")
    with temporary_server(Path(package.origin).parent / "pginstall" / "bin") as server:
        yield server


@pytest.fixture(params=["sqlite", "memory", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """Where a collection can be opened that nobody has opened yet."""
    if request.param == "sqlite":
        yield tmp_path / "collections" / "one.db"
    elif request.param == "memory":
        yield ":memory:"
    else:
        yield from fresh_schema(request.getfixturevalue("pgvector"))


@pytest.fixture
def open_collection(address: str | Path) -> Iterator[Open]:
    """Opens collections at one address, without work in the background; they are closed in the end."""
    opened: list[Collection] = []

    def open_one(owner: str = "ann", name: str = "", **options: Any) -> Collection:
        collection = Collection.open(address, owner, name=name, **{"background": False, **options})
        opened.append(collection)
        return collection

    yield open_one
    for collection in opened:
        collection.close()


@pytest.fixture
def collection(open_collection: Open) -> Collection:
    return open_collection()


@pytest.fixture
def unique() -> str:
    return uuid4().hex
