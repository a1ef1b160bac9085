"""Looking at a database says which schema it has, and changes nothing."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import text

from orchat.errors import StoreError
from orchat.store import Store, schema
from orchat.store.engine import open_engine, open_read_only
from orchat.store.inspection import SchemaState, inspect_schema
from tests.store.test_upgrade import at


def version_in(url: str) -> str | None:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return schema.version_of(connection)
    finally:
        engine.dispose()


def files(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir() if file.is_file()}


def test_an_older_schema_is_told_and_left_as_it_is(url: str, tmp_path: Path):
    at(url, "0012")
    before = files(tmp_path)
    found = inspect_schema(url)
    assert files(tmp_path) == before
    assert (found.state, found.version) == (SchemaState.OLDER, "0012")
    assert found.said == f"schema 0012, this orchat has {schema.HEAD}"
    assert version_in(url) == "0012"


def test_a_current_schema_is_told_while_it_is_in_use_and_when_it_is_not(url: str, tmp_path: Path):
    with Store.open(url) as store:
        store.create_conversation("ann")
        assert inspect_schema(url).state is SchemaState.CURRENT
        store.create_conversation("ann")
    before = files(tmp_path)
    assert inspect_schema(url).state is SchemaState.CURRENT
    assert files(tmp_path) == before


def test_where_there_is_no_database_none_is_made(url: str, tmp_path: Path):
    assert inspect_schema(url).state is SchemaState.ABSENT
    assert files(tmp_path) == {}
    assert inspect_schema(f"sqlite:///{tmp_path}/none/here.db").state is SchemaState.ABSENT
    assert not (tmp_path / "none").exists()


def make_newer(url: str) -> None:
    """Leave a database as a newer orchat would."""
    Store.open(url).close()
    engine = open_engine(url)
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()


def test_a_newer_schema_and_another_programs_file_are_told_apart(url: str, tmp_path: Path):
    make_newer(url)
    found = inspect_schema(url)
    assert (found.state, found.version) == (SchemaState.NEWER, "9999")
    other = open_engine(f"sqlite:///{tmp_path}/other.db")
    with other.execution_options(writes=True).begin() as connection:
        connection.execute(text("CREATE TABLE notes (body TEXT)"))
    other.dispose()
    assert inspect_schema(f"sqlite:///{tmp_path}/other.db").state is SchemaState.FOREIGN


def test_a_database_that_is_open_for_reading_refuses_to_be_written(url: str):
    Store.open(url).close()
    engine = open_read_only(url)
    with engine.connect() as connection, pytest.raises(Exception, match=r"read-?only"):
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()


def test_a_file_that_is_no_database_is_told(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("not a database, and dear to its owner\n" * 100)
    with pytest.raises(StoreError, match="not a SQLite database"):
        inspect_schema(f"sqlite:///{tmp_path}/notes.txt")
