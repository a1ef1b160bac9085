"""A PostgreSQL that several replicas share."""

from collections.abc import Callable, Iterator

import pytest

from orchat.store import Store
from tests.store.conftest import fresh_schema, postgresql

__all__ = ["postgresql"]


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
