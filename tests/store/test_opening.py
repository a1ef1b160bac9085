import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from orchat.errors import StoreError
from orchat.store import Store
from tests.store.conftest import fresh_schema


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_and_its_new_folders_are_private(tmp_path: Path):
    file = tmp_path / "data" / "orchat" / "orchat.db"
    with Store.open(f"sqlite:///{file}") as store:
        store.create_conversation("ann")
        assert [mode(folder) for folder in (file.parent, file.parent.parent)] == [0o700, 0o700]
        assert {mode(path) for path in file.parent.iterdir()} == {0o600}


def test_folders_and_files_that_exist_keep_their_permissions(tmp_path: Path):
    file = tmp_path / "orchat.db"
    file.touch()
    file.chmod(0o640)
    tmp_path.chmod(0o755)
    Store.open(f"sqlite:///{file}").close()
    assert (mode(file), mode(tmp_path)) == (0o640, 0o755)


def test_a_path_may_hold_any_character(tmp_path: Path):
    file = tmp_path / "50% ünï code" / "or chat.db"
    Store.open(f"sqlite:///{file}").close()
    assert file.exists()


@pytest.mark.parametrize(
    "pragma, value", [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1), ("busy_timeout", 15_000)]
)
def test_sqlite_is_set_up_for_safety_and_speed(tmp_path: Path, pragma: str, value: object):
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store, store._engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_what_was_written_is_there_when_it_is_opened_again(url: str):
    with Store.open(url) as store:
        conversation = store.create_conversation("ann")
    with Store.open(url) as store:
        assert store.conversation("ann", conversation.id) == conversation


@pytest.mark.parametrize(
    "url, message",
    [
        ("", "cannot be read"),
        ("just words", "cannot be read"),
        ("postgresql://me:hunter2@host:port/x", "cannot be read"),
        ("mysql://me:hunter2@host/x", "not in mysql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://me:hunter2@127.0.0.1:9/x", "The database failed: "),
    ],
)
def test_a_url_that_cannot_be_used_is_explained_without_its_password(url: str, message: str):
    with pytest.raises(StoreError, match=message) as caught:
        Store.open(url)
    assert caught.value.advice
    assert "hunter2" not in str(caught.value) + caught.value.advice


def test_a_missing_driver_is_named_with_its_installation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://host/x")
    assert 'pip install "psycopg[binary]"' in caught.value.advice


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database, and dear to its owner\n" * 100)
    before = file.read_bytes()
    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}/file/orchat.db")


def test_the_database_of_another_program_is_left_alone(tmp_path: Path):
    file = tmp_path / "other.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE messages (body TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="already exists"):
        Store.open(f"sqlite:///{file}")
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("messages",)]
    connection.close()


def test_an_error_quotes_nobodys_messages(store: Store):
    conversation = store.create_conversation("ann")
    with store._engine.begin() as connection:
        for name in ("ratings", "message_search", "messages"):
            connection.execute(text(f"DROP TABLE {name}"))
    with pytest.raises(StoreError) as caught:
        store.add_message("ann", conversation.id, role="user", wire={"content": "my secret"}, parent_id=None)
    assert "my secret" not in f"{caught.value} {caught.value.__cause__}"


def test_a_connection_that_was_lost_while_nobody_used_it_is_replaced_unseen(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
):
    import psycopg

    monkeypatch.setattr("orchat.store.engine.PING_AFTER", 0.0)
    operator = psycopg.connect(postgresql, autocommit=True)
    for url in fresh_schema(postgresql):
        with operator, Store.open(f"{url}&application_name=lost") as store:
            chat = store.create_conversation("ann")
            operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'")
            assert store.conversation("ann", chat.id) == chat


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_all_letters_is_refused_with_what_to_do(postgresql: str, encoding: str):
    import psycopg

    name, parsed = f"orchat_{encoding.lower()}", make_url(postgresql)
    with psycopg.connect(postgresql, autocommit=True) as operator:
        operator.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
        try:
            with pytest.raises(StoreError, match=f"encoding is {encoding}") as caught:
                Store.open(parsed.set(database=name).render_as_string(hide_password=False))
        finally:
            operator.execute(f"DROP DATABASE {name}")
    assert "--encoding=UTF8" in caught.value.advice
