"""Every test of the store runs on SQLite, and on PostgreSQL where there is a server or one can be started."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from orchat.store import Store
from tests.store.clock import Clock
from tests.store.postgresql import installed_programs, temporary_server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nobody has opened yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/orchat.db"
    else:
        yield from fresh_schema(request.getfixturevalue("postgresql"))


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    with Store.open(url, now=clock) as store:
        yield store


def fresh_schema(server: str) -> Iterator[str]:
    import psycopg

    name = f"orchat_test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        yield f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{name}"
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a running server."""
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed: pip install 'psycopg[binary]'")
    if given := os.environ.get("ORCHAT_TEST_POSTGRES_URL"):  # noqa: TID251 - a setting of the tests, not of orchat
        yield given
        return
    programs = installed_programs()
    if programs is None:
        pytest.skip("no PostgreSQL: set ORCHAT_TEST_POSTGRES_URL or install Debian's postgresql")
    with temporary_server(programs) as server:
        yield server
