"""Locks of PostgreSQL: who holds one and hangs loses it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from orchat.store import locks
from orchat.store.engine import open_engine
from orchat.store.locks import Lock
from tests.store.conftest import fresh_schema


@pytest.fixture
def engine(postgresql: str) -> Iterator[Engine]:
    for url in fresh_schema(postgresql):
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize("lock", [Lock.BUDGETS, Lock.ADMISSION])
def test_who_hangs_with_a_lock_holds_nobody_up(engine: Engine, monkeypatch: pytest.MonkeyPatch, lock: Lock):
    monkeypatch.setattr(locks, "HANGS_AFTER", 200)
    with engine.connect() as hanging, engine.connect() as waiting:
        assert locks.try_to_take(hanging, lock)
        assert not locks.try_to_take(waiting, lock)
        locks.take(waiting, lock)
        waiting.rollback()
        hanging.invalidate()


def test_a_migration_may_take_its_time_with_its_lock(engine: Engine):
    with engine.connect() as connection:
        locks.take(connection, Lock.SCHEMA)
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one() == "0"


def test_what_a_lock_limits_ends_with_its_transaction(engine: Engine):
    with engine.connect() as connection:
        before = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
        locks.take(connection, Lock.BUDGETS)
        connection.rollback()
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one() == before
