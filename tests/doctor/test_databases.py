"""The doctor looks at databases, says how they are, and leaves them as they are."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchat.doctor import State
from orchat.store import Store
from orchat.store.retention import HELD_FOR
from orchat.store.schema import HEAD
from tests.doctor.conftest import Examine
from tests.store.clock import Clock
from tests.store.conftest import fresh_schema
from tests.store.test_inspection import files, make_newer, version_in
from tests.store.test_upgrade import at


def test_an_older_database_is_told_and_not_migrated(find: Examine, url: str, tmp_path: Path):
    at(url, "0012")
    before = files(tmp_path)
    finding = find(ORCHAT_DATABASE_URL=url)["Database"]
    assert files(tmp_path) == before
    assert finding.state is State.WARNING
    assert f"schema 0012, this orchat has {HEAD}" in finding.said
    assert "python -m orchat migrate" in finding.advice
    assert version_in(url) == "0012"


def test_where_there_is_no_database_the_doctor_makes_none(find: Examine, tmp_path: Path):
    finding = find()["Database"]
    assert (finding.state, "the first start makes it" in finding.said) == (State.FINE, True)
    assert [*(tmp_path / "data").iterdir()] == []


def test_a_newer_database_is_found(find: Examine, url: str):
    make_newer(url)
    finding = find(ORCHAT_DATABASE_URL=url)["Database"]
    assert (finding.state, "9999" in finding.said) == (State.FAILED, True)
    assert "Upgrade orchat" in finding.advice


def test_a_database_of_another_program_is_found_and_left_alone(find: Examine, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()
    before = files(tmp_path)
    finding = find(ORCHAT_DATABASE_URL=f"sqlite:///{tmp_path}/other.db")["Database"]
    assert files(tmp_path) == before
    assert (finding.state, "another program's" in finding.said) == (State.FAILED, True)
    assert "ORCHAT_DATABASE_URL" in finding.advice


def test_a_database_that_may_not_be_written_is_found(find: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url = f"sqlite:///{tmp_path}/orchat.db"
    Store.open(url).close()
    # Whoever runs this as root may write everywhere.
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    finding = find(ORCHAT_DATABASE_URL=url)["Database"]
    assert (finding.state, "may not be written" in finding.said) == (State.FAILED, True)
    assert "write permission" in finding.advice


def test_documents_in_postgresql_without_pgvector_are_found(find: Examine, postgresql: str, pgvector: str):
    for server, state in ((pgvector, State.FINE), (postgresql, State.WARNING)):
        for place in fresh_schema(server):
            finding = find(ORCHAT_DATABASE_URL=place)["Documents"]
            available = "pgvector is there" in finding.said
            # A server of the machine's may have it all the same.
            assert finding.state is (State.FINE if available else state)
            assert available or "pgvector" in finding.advice + finding.said


def test_what_is_due_because_of_its_age_is_told_with_when_it_goes(find: Examine, url: str, tmp_path: Path):
    assert find()["Retention"].said == "chats are kept until somebody deletes them"
    with Store.open(url, now=Clock()) as store:
        store.create_conversation("ann")
    before = files(tmp_path)
    finding = find(ORCHAT_DATABASE_URL=url, ORCHAT_RETENTION_DAYS="30")["Retention"]
    assert files(tmp_path) == before
    assert finding.state is State.WARNING
    assert "1 are due, and deleted from " in finding.said
    assert "python -m orchat retention" in finding.advice
    with Store.open(url, now=lambda: datetime.now(UTC) - HELD_FOR) as store:
        store.look_at_retention(30)
    finding = find()["Retention"]
    assert (finding.state, finding.said.endswith("; 1 are due")) == (State.FINE, True)
