"""The doctor looks at databases, says how they are, and leaves them as they are."""

from pathlib import Path

from orchat.doctor import State
from orchat.store.schema import HEAD
from tests.doctor.conftest import Examine
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


def test_documents_in_postgresql_without_pgvector_are_found(find: Examine, postgresql: str, pgvector: str):
    for server, state in ((pgvector, State.FINE), (postgresql, State.WARNING)):
        for place in fresh_schema(server):
            finding = find(ORCHAT_DATABASE_URL=place)["Documents"]
            available = "pgvector is there" in finding.said
            # A server of the machine's may have it all the same.
            assert finding.state is (State.FINE if available else state)
            assert available or "pgvector" in finding.advice + finding.said
