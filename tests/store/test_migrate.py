"""`python -m orchat migrate`: says what is due, keeps what was there, and brings a database up to date."""

import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, Table

from orchat.__main__ import main
from orchat.errors import StoreError
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Store, backup, earlier_copy
from orchat.store.backup import restore
from orchat.store.schema import HEAD
from tests.store.conftest import fresh_schema
from tests.store.test_inspection import version_in
from tests.store.test_upgrade import EARLIER, KNOWN, ROWS, at, fill, read


@pytest.fixture
def data(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation whose database is `url`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
    return tmp_path


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.backup"))


def test_check_says_that_a_migration_is_due_and_changes_nothing(
    data: Path, url: str, capsys: pytest.CaptureFixture[str]
):
    at(url, "0012")
    assert main(["migrate", "--check"]) == 1
    assert f"schema 0012, this orchat has {HEAD}" in capsys.readouterr().out
    assert (version_in(url), copies(data)) == ("0012", [])


def test_check_is_content_with_a_current_database_and_with_none(data: Path, url: str):
    assert main(["migrate", "--check"]) == 0
    assert read(url) == {}
    Store.open(url).close()
    assert main(["migrate", "--check"]) == 0


@pytest.mark.parametrize("revision", EARLIER)
def test_a_migration_says_from_where_to_where_and_keeps_what_was_there(
    data: Path, url: str, revision: str, capsys: pytest.CaptureFixture[str]
):
    at(url, revision)
    fill(url)
    assert main(["migrate"]) == 0
    said = capsys.readouterr().out
    assert f"from schema {revision} to {HEAD}." in said
    [copy] = copies(data)
    assert f"What was there before is in {copy}." in said
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    migrated = read(url)
    other = f"sqlite:///{data}/other.db"
    restore(other, copy)
    with Store.open(url) as store, Store.open(other) as restored:
        for number in range(ROWS):
            owner = f"owner {number}"
            assert restored.conversations(owner) == store.conversations(owner) != []
            assert restored.all_messages(owner, f"id {number}") == store.all_messages(owner, f"id {number}")
            assert restored.all_messages(owner, f"id {number}")[0].text == KNOWN["wire"]["content"]
    lasting = {"calls", "files", "presets", "people", "budgets"} & migrated.keys()
    assert {name: len(rows) for name, rows in read(other).items() if name in lasting} == {
        name: len(migrated[name]) for name in lasting
    }
    assert main(["migrate"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert copies(data) == [copy]


def test_a_database_that_is_not_there_is_made_without_a_copy(data: Path, url: str, capsys: pytest.CaptureFixture[str]):
    assert main(["migrate"]) == 0
    assert "a new database is made" in capsys.readouterr().out
    assert (version_in(url), copies(data)) == (HEAD, [])


def test_the_copy_is_kept_where_it_is_wanted_or_not_at_all(data: Path, url: str, capsys: pytest.CaptureFixture[str]):
    at(url, "0016")
    fill(url)
    assert main(["migrate", "--copy", str(data / "kept" / "one.backup")]) == 0
    assert copies(data) == []
    restore(f"sqlite:///{data}/other.db", data / "kept" / "one.backup")
    with Store.open(f"sqlite:///{data}/other.db") as restored:
        assert len(restored.conversations("owner 1")) == 1


def test_without_a_copy_none_is_made_and_that_is_said(data: Path, url: str, capsys: pytest.CaptureFixture[str]):
    at(url, "0016")
    assert main(["migrate", "--without-copy"]) == 0
    assert "No copy was made." in capsys.readouterr().out
    assert (version_in(url), copies(data)) == (HEAD, [])


def test_a_copy_that_cannot_be_written_stops_the_migration(data: Path, url: str, capsys: pytest.CaptureFixture[str]):
    at(url, "0016")
    (data / "there.backup").write_text("dear to its owner")
    assert main(["migrate", "--copy", str(data / "there.backup")]) == 1
    assert "there already" in capsys.readouterr().err
    assert version_in(url) == "0016"
    assert (data / "there.backup").read_text() == "dear to its owner"


def start() -> None:
    """What a start of orchat does with the database."""
    services = Services(Settings.load())
    services.close()


def command(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        assert main(arguments) == 0

    return run


@pytest.mark.parametrize(
    "begin", [start, command("backup", "other.db"), command("retention")], ids=["start", "backup", "retention"]
)
def test_a_start_that_migrates_keeps_what_was_there_first(data: Path, url: str, begin: Callable[[], None]):
    at(url, "0016")
    fill(url)
    begin()
    [copy] = copies(data)
    assert "schema-0016" in copy.name
    restore(f"sqlite:///{data}/restored.db", copy)
    with Store.open(f"sqlite:///{data}/restored.db") as restored:
        assert restored.all_messages("owner 1", "id 1")[0].text == KNOWN["wire"]["content"]
    start()
    assert (version_in(url), copies(data)) == (HEAD, [copy])


def test_a_start_that_cannot_keep_a_copy_of_postgresql_migrates_nothing_and_says_what_to_do(
    tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").write_text("no folder")
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    for url in fresh_schema(postgresql):
        monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
        at(url, "0016")
        with pytest.raises(StoreError, match="cannot be written") as refused:
            start()
        assert "python -m orchat migrate" in refused.value.advice
        assert version_in(url) == "0016"


def test_a_copy_of_postgresql_is_of_one_moment_while_an_earlier_orchat_still_writes(
    tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    copied: list[str] = []

    def copy_table(table: Table, old: Connection, new: Connection) -> int:
        copied.append(table.name)
        if copied[-2:] == ["conversations", table.name]:
            fill(url)
        return backup.copy_table(table, old, new)

    monkeypatch.setattr(earlier_copy, "copy_table", copy_table)
    for url in fresh_schema(postgresql):
        monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
        at(url, "0016")
        start()
        assert "messages" in copied[copied.index("conversations") :]
        [copy] = copies(tmp_path)
        assert {name for name, rows in read(f"sqlite:///{copy}").items() if rows} == set()
        assert len(read(url)["messages"]) == ROWS


def test_where_the_disk_has_no_room_for_a_copy_of_postgresql_nothing_is_migrated(
    tmp_path: Path, postgresql: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    for url in fresh_schema(postgresql):
        monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
        at(url, "0016")
        fill(url)
        assert main(["migrate"]) == 1
        said = capsys.readouterr().err
        assert "no room for a copy" in said
        assert "--without-copy" in said
        with pytest.raises(StoreError, match="no room for a copy"):
            start()
        assert (version_in(url), copies(tmp_path)) == ("0016", [])
