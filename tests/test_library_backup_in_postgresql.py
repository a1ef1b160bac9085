"""Documents in PostgreSQL go into a backup and come back from it, there and as files."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from orchat.__main__ import main
from orchat.library import Shelf
from orchat.search import Collection
from orchat.search.jobs import Job, NewJob
from orchat.store import Store
from tests.search.conftest import pgvector  # noqa: F401 - a fixture
from tests.search.embedders import Topics
from tests.store.conftest import fresh_schema
from tests.test_library import put
from tests.test_library_backup import check_there_and_back, found


@pytest.fixture
def url(pgvector: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # noqa: F811
    """The database of an installation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    for url in fresh_schema(pgvector):
        monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
        yield url


def collection(address: str | Path, owner: str = "ann", name: str = "own") -> Collection:
    return Collection.open(address, owner, name=name, embedders=[Topics()], background=False)


def state(collection: Collection) -> list[object]:
    """What is in a collection, for whoever looks."""
    index, topics = collection._index, Topics()
    files = collection.files()
    nearest = index.nearest(topics.space, topics.embed_query("a kitten pays tax"), 50, None)
    return [
        files,
        [(index.original(file.id), index.parts(file.id, None)) for file in files],
        index.chunks([scored.chunk for scored in nearest]),
        [(scored.chunk, round(scored.score, 2)) for scored in sorted(nearest)],
        index.coverage([topics.space]),
        index.jobs.all(),
    ]


def waiting(name: str) -> NewJob:
    data = b"The wryneck waits."
    sha256 = hashlib.sha256(data).hexdigest()
    return NewJob(Job(uuid4().hex, name, len(data), sha256, datetime(2026, 3, 1, tzinfo=UTC)), data)


def test_a_backup_holds_the_documents_and_restoring_brings_them_back(url: str, capsys: pytest.CaptureFixture[str]):
    Store.open(url).close()
    again = check_there_and_back(url, capsys)
    put(again.of(Shelf.OWN, "ann"), "new.txt", "A wryneck came, too.")
    assert found(again, Shelf.OWN, "ann", "wryneck") == ["new.txt"]
    again.close()


def test_documents_move_to_files_and_back_with_their_ids_vectors_and_waiting_files(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with collection(url) as there:
        there.add([("cats.txt", b"A cat and its kitten."), ("gone.txt", b"An avocet in the rain.")])
        there.add([("kings.txt", "Zürich: the kings of old levy a tax, a duty on rain.\n\n".encode() * 300)])
        there.remove(there.files()[1].id)
        there.embed_pending()
        there._index.jobs.put([waiting("late.txt")])
        before = state(there)
    assert main(["backup", "one.backup"]) == 0
    monkeypatch.delenv("ORCHAT_DATABASE_URL")
    assert main(["restore", "one.backup"]) == 0
    [file] = (tmp_path / "data" / "documents").glob("own-*.db")
    with collection(file) as as_file:
        assert state(as_file) == before
        assert [hit.name for hit in as_file.search("zurich kings", 1)] == ["kings.txt"]
    assert main(["backup", "two.backup"]) == 0
    monkeypatch.setenv("ORCHAT_DATABASE_URL", url)
    assert main(["restore", "two.backup"]) == 0
    with collection(url) as again:
        assert state(again) == before
        again.remove(again.files()[0].id)
        assert "cats.txt" not in [hit.name for hit in again.search("kitten")]
        assert again.ingest_pending() == 1


def test_what_somebody_else_has_in_the_backup_stays_theirs(url: str):
    with collection(url, "ann") as anns, collection(url, "bob", "a shelf, with any name/../.") as bobs:
        anns.add([("a.txt", b"The hoopoe.")])
        bobs.add([("b.txt", b"The hoopoe as well.")])
    assert main(["backup", "one.backup"]) == 0
    assert main(["restore", "one.backup"]) == 0
    with collection(url, "ann") as anns, collection(url, "bob", "a shelf, with any name/../.") as bobs:
        assert [hit.name for hit in anns.search("hoopoe")] == ["a.txt"]
        assert [hit.name for hit in bobs.search("hoopoe")] == ["b.txt"]


def test_a_damaged_collection_leaves_all_that_are_there(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with collection(url) as there:
        there.add([("birds.txt", b"The hoopoe.")])
    assert main(["backup", "one.backup"]) == 0
    with closing(sqlite3.connect(tmp_path / "one.backup")) as connection:
        connection.execute("UPDATE document_files SET data = CAST('no collection' AS BLOB)")
        connection.commit()
    assert main(["restore", "one.backup"]) == 1
    assert "could not be copied" in capsys.readouterr().err
    with collection(url) as there:
        assert [hit.name for hit in there.search("hoopoe")] == ["birds.txt"]
