"""One file holds everything, and puts it back; a migration never begins without a copy."""

import errno
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from orchat.errors import StoreError
from orchat.store import Store, backup, schema
from orchat.store.backup import EVERYTHING, back_up, restore
from orchat.store.before_migration import KEPT, keep_copy
from orchat.store.shared_tables import asked, replicas, run_events, shared_runs
from orchat.store.tables import metadata

ROOT = Path(__file__).parents[2]
OF_THE_MOMENT = {replicas, shared_runs, run_events, asked}
"""What runs at present, which no backup can bring back."""


def fill(store: Store) -> str:
    chat = store.create_conversation("ann", settings={"zdr": True})
    question = store.add_message("ann", chat.id, role="user", wire={"content": "Where is the zebra?"}, parent_id=None)
    store.add_message("ann", chat.id, role="assistant", wire={"content": "There. \0"}, parent_id=question.id)
    store.add_message("ann", chat.id, role="assistant", wire={"content": "No, here."}, parent_id=question.id)
    store.add_file("ann", chat.id, name="a", mime="b", kind="file", data=b"\x00\xff")
    store.save_preference("ann", "colour", {"is": "red"})
    store.create_preset("ann", "Mine", {"system_prompt": "Be brief."})
    store.save_checkpoint("ann", chat.id, f"thread of {chat.id}", b"state")
    store.open_call("ann", kind="chat", conversation_id=chat.id, sent={"messages": 1})
    return chat.id


def everything(store: Store) -> list[list[Any]]:
    with store._reading() as connection:
        tables = [[column for column in table.c if column.name != "number"] for table in EVERYTHING]
        return [sorted(map(repr, connection.execute(select(*columns)).all())) for columns in tables]


def test_every_table_is_in_a_backup():
    assert {*EVERYTHING, *OF_THE_MOMENT} == set(metadata.tables.values())


def test_what_is_backed_up_comes_back_and_what_came_later_goes(store: Store, url: str, tmp_path: Path):
    chat = fill(store)
    before = everything(store)
    assert back_up(url, tmp_path / "one.backup")["messages"] == 3
    store.delete("ann", chat)
    store.save_preference("ann", "colour", None)
    fill(store)
    restore(url, tmp_path / "one.backup")
    assert everything(store) == before
    assert [message.text for message in store.branch("ann", chat)] == ["Where is the zebra?", "No, here."]
    assert len(store.search("ann", "zebra")) == 1
    assert store.add_message("ann", chat, role="user", wire={}, parent_id=None)


def test_a_backup_is_of_one_moment_though_somebody_goes_on_writing(
    store: Store, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    fill(store)
    before = everything(store)
    copy = backup.copy_table

    def written_meanwhile(table: Any, old: Any, new: Any) -> int:
        copied = copy(table, old, new)
        if table.name == "conversations":
            fill(store)
        return copied

    monkeypatch.setattr(backup, "copy_table", written_meanwhile)
    back_up(url, tmp_path / "one.backup")
    with Store.open(f"sqlite:///{tmp_path}/one.backup") as kept:
        assert everything(kept) == before


def test_a_backup_of_one_database_can_be_restored_into_another(store: Store, url: str, tmp_path: Path):
    fill(store)
    back_up(url, tmp_path / "one.backup")
    other = f"sqlite:///{tmp_path}/other.db"
    restore(other, tmp_path / "one.backup")
    with Store.open(other) as copy:
        assert everything(copy) == everything(store)


def test_a_backup_is_one_private_file_and_never_overwritten(store: Store, url: str, tmp_path: Path):
    folder = tmp_path / "backups"
    back_up(url, folder / "one.backup")
    assert [path.name for path in folder.iterdir()] == ["one.backup"]
    assert stat.S_IMODE((folder / "one.backup").stat().st_mode) == 0o600
    with pytest.raises(StoreError, match="there already"):
        back_up(url, folder / "one.backup")


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.write_bytes(b"no database"), lambda path: path.write_bytes(b"")]
)
def test_what_is_no_backup_changes_nothing(store: Store, url: str, tmp_path: Path, make: Callable[[Path], object]):
    fill(store)
    before = everything(store)
    make(tmp_path / "broken")
    with pytest.raises(StoreError):
        restore(url, tmp_path / "broken")
    assert everything(store) == before


def at_version(path: Path, version: str) -> None:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(schema._MIGRATIONS))
        command.upgrade(config, version)
        moment = "'2026-03-01 12:00:00'"
        connection.execute(
            text(f"INSERT INTO conversations VALUES ('c','ann','Old','','chat',{moment},{moment},NULL,NULL,'{{}}','0')")
        )


def test_before_a_migration_a_copy_of_the_old_database_is_kept_which_can_be_restored(tmp_path: Path):
    path = tmp_path / "orchat.db"
    at_version(path, "0002")
    with Store.open(f"sqlite:///{path}") as store:
        store.rename("ann", "c", "New")
        [copy] = tmp_path.glob("*.backup")
        assert "schema-0002" in copy.name
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        restore(f"sqlite:///{path}", copy)
        assert store.conversation("ann", "c").title == "Old"
    assert [*tmp_path.glob("*.backup")] == [copy]


def test_a_new_and_a_current_database_need_no_copy(tmp_path: Path):
    for _ in range(2):
        Store.open(f"sqlite:///{tmp_path}/orchat.db").close()
    assert [*tmp_path.glob("*.backup")] == []


def test_only_the_newest_copies_are_kept(tmp_path: Path):
    Store.open(f"sqlite:///{tmp_path}/orchat.db").close()
    for number in range(KEPT + 2):
        keep_copy(tmp_path / "orchat.db", f"{number:04}")
    assert len([*tmp_path.glob("*.backup")]) == KEPT


def test_where_no_copy_can_be_made_nothing_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "orchat.db"
    at_version(path, "0002")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("orchat.store.schema.keep_copy", fail)
    with pytest.raises(StoreError, match="disk is full"):
        Store.open(f"sqlite:///{path}")
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0002"


def test_both_are_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(*arguments: str) -> str:
        shown = subprocess.run(
            [sys.executable, "-m", "orchat", *arguments], capture_output=True, text=True, check=False
        )
        assert (shown.returncode, shown.stderr) == (0, "")
        return shown.stdout

    with Store.open(f"sqlite:///{tmp_path}/data/orchat.db") as store:
        chat = fill(store)
        assert "1 conversations, 3 messages" in run("backup", "kept/one.backup")
        store.rename("ann", chat, "Changed")
        assert "What was there before is in kept" in run("restore", "kept/one.backup")
        assert store.conversation("ann", chat).title == ""
