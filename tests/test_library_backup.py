"""Documents go into a backup and come back from it, while they are in use."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orchat.__main__ import main
from orchat.errors import SearchError
from orchat.library import FOLDER, Library, Shelf
from orchat.search import backup as documents
from orchat.store import Store
from tests.test_library import put


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def library(data: Path) -> Iterator[Library]:
    library = Library(data / FOLDER)
    yield library
    library.close()


def found(library: Library, shelf: Shelf, owner: str, words: str, chat: str = "") -> list[str]:
    return [hit.name for hit in library.of(shelf, owner, chat).search(words)]


def check_there_and_back(place: Path | str, capsys: pytest.CaptureFixture[str]) -> Library:
    """Back documents up, change some, restore, and return the library as it is then."""
    library = Library(place)
    put(library.of(Shelf.OWN, "ann"), "birds.txt", "The hoopoe has a crest.")
    put(library.of(Shelf.CHAT, "ann", "c"), "notes.txt", "It nests in holes.")
    assert main(["backup", "one.backup"]) == 0
    assert "2 collections of documents" in capsys.readouterr().out
    put(library.of(Shelf.OWN, "ann"), "later.txt", "An avocet came later.")
    put(library.of(Shelf.SHARED, "ann"), "rules.txt", "Lunch is at noon.")
    library.close()
    assert main(["restore", "one.backup"]) == 0
    assert "2 collections of documents" in capsys.readouterr().out
    again = Library(place)
    assert found(again, Shelf.OWN, "ann", "hoopoe") == ["birds.txt"]
    assert found(again, Shelf.OWN, "ann", "avocet") == []
    assert found(again, Shelf.CHAT, "ann", "nests", "c") == ["notes.txt"]
    assert set(again.in_reach("ann", "c")) == {Shelf.OWN, Shelf.CHAT}
    return again


def test_a_backup_holds_the_documents_and_restoring_brings_them_back(data: Path, capsys: pytest.CaptureFixture[str]):
    Store.open(f"sqlite:///{data}/orchat.db").close()
    check_there_and_back(data / FOLDER, capsys).close()


def test_a_backup_without_documents_leaves_those_that_are_there(library: Library, data: Path, tmp_path: Path):
    put(library.of(Shelf.OWN, "ann"), "birds.txt", "The hoopoe has a crest.")
    old = tmp_path / "old.backup"
    sqlite3.connect(old).close()
    assert documents.bring_back(old, data / FOLDER) is None
    assert found(library, Shelf.OWN, "ann", "hoopoe") == ["birds.txt"]


def test_a_collection_larger_than_a_piece_comes_back_whole(
    library: Library, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(documents, "PIECE", 5_000)
    put(library.of(Shelf.OWN, "ann"), "birds.txt", "The hoopoe has a crest. " * 900)
    library.close()
    kept = tmp_path / "kept.backup"
    assert documents.keep(kept, data / FOLDER) == 1
    assert documents.bring_back(kept, tmp_path / "elsewhere") == 1
    again = Library(tmp_path / "elsewhere")
    assert set(found(again, Shelf.OWN, "ann", "hoopoe")) == {"birds.txt"}
    again.close()


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path):
    evil = tmp_path / "evil.backup"
    assert documents.keep(evil, tmp_path / "nothing") == 0
    with closing(sqlite3.connect(evil)) as connection:
        connection.execute("INSERT INTO document_files VALUES ('../out.db', 0, x'00')")
        connection.commit()
    with pytest.raises(SearchError, match="impossible name"):
        documents.bring_back(evil, tmp_path / "in")
    assert not (tmp_path / "out.db").exists()


def test_what_is_no_collection_is_told_and_leaves_no_backup(tmp_path: Path):
    folder, backup = tmp_path / "documents", tmp_path / "one.backup"
    folder.mkdir()
    (folder / "own-x.db").write_bytes(b"this is no database at all, only text")
    with pytest.raises(SearchError, match="could not be copied"):
        documents.keep(backup, folder)
    assert not backup.exists()
