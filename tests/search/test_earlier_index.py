"""An index that an earlier orchat has written is opened, found to be old, indexed again, and searched."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orchat.errors import SearchError
from orchat.search import Collection
from orchat.search.postgresql import reindex
from orchat.search.postgresql import schema as postgresql_schema
from orchat.search.postgresql.connections import Connections
from orchat.search.sqlite import schema
from orchat.search.words import ANALYSIS, Query
from tests.search.embedders import Topics
from tests.store.conftest import fresh_schema


def opened(address: str | Path) -> Collection:
    return Collection.open(address, "ann", embedders=[Topics()], background=False)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A collection whose words were analysed in a way that is not today's: none of today's is found in it."""
    path = tmp_path / "old.db"
    with opened(path) as collection:
        collection.add([("birds.txt", b"The hoopoe has a crest. A kitten looks on."), ("kings.txt", "Zürich".encode())])
        collection.embed_pending()
    with closing(sqlite3.connect(path)) as file:
        file.execute("INSERT INTO words (words) VALUES ('delete-all')")
        rows = file.execute("SELECT id FROM passages ORDER BY id").fetchall()
        file.executemany("INSERT INTO words (rowid, head, text) VALUES (?, 'former', 'otherwise')", rows)
        file.execute("UPDATE meta SET value = 'of 2024' WHERE key = 'analysis'")
        file.commit()
    return path


def test_an_index_of_an_earlier_analysis_is_indexed_again_when_it_is_opened(old: Path):
    with opened(old) as collection:
        assert [hit.name for hit in collection.search("hoopoe")] == ["birds.txt"]
        assert [hit.name for hit in collection.search("zurich")] == ["kings.txt"]
        assert collection._index.match(Query("otherwise"), 10, None) == []
        # What it costs to compute is kept.
        assert collection.embed_pending() == 0
    with closing(sqlite3.connect(old)) as file:
        assert file.execute("SELECT value FROM meta WHERE key = 'analysis'").fetchone() == (ANALYSIS,)


def test_it_is_indexed_again_once(old: Path, monkeypatch: pytest.MonkeyPatch):
    opened(old).close()

    def again(_: sqlite3.Connection) -> None:
        raise AssertionError("It is current already.")

    monkeypatch.setattr(schema, "_index_again", again)
    with opened(old) as collection:
        assert [hit.name for hit in collection.search("hoopoe")] == ["birds.txt"]


def test_files_of_an_index_that_was_indexed_again_can_be_removed_with_all_their_words(old: Path):
    with opened(old) as collection:
        collection.remove(collection.files()[0].id)
        assert collection._index.match(Query("hoopoe"), 10, None) == []
        assert [hit.name for hit in collection.search("zurich")] == ["kings.txt"]
        collection.add([("later.txt", b"A wryneck came.")])
        assert collection.search("wryneck")[0].name == "later.txt"


def test_an_interrupted_indexing_leaves_the_old_index_for_the_next_start(old: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(_: object) -> None:
        raise RuntimeError("ended")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "word_row", fail)
        with pytest.raises(RuntimeError, match="ended"):
            opened(old)
    with opened(old) as collection:
        assert [hit.name for hit in collection.search("hoopoe")] == ["birds.txt"]


def test_an_index_of_a_newer_version_is_refused_and_left_alone(old: Path):
    with closing(sqlite3.connect(old)) as file:
        file.execute("UPDATE meta SET value = ? WHERE key = 'version'", (schema.VERSION + 1,))
        file.commit()
    with pytest.raises(SearchError, match="newer orchat"):
        opened(old)
    with closing(sqlite3.connect(old)) as file:
        assert file.execute("SELECT value FROM meta WHERE key = 'analysis'").fetchone() == ("of 2024",)


@pytest.fixture
def url(pgvector: str) -> Iterator[str]:
    yield from fresh_schema(pgvector)


def change(url: str, *statements: str) -> None:
    connections = Connections(url)
    with connections.transaction() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connections.close()


def test_tables_of_a_newer_version_in_postgresql_are_refused(url: str):
    opened(url).close()
    change(url, f"UPDATE orchat_search_version SET version = {postgresql_schema.VERSION + 1}")
    with pytest.raises(SearchError, match="newer orchat"):
        opened(url)


@pytest.mark.parametrize("noted", [True, False])
def test_tables_of_another_analysis_in_postgresql_are_indexed_again(
    url: str, noted: bool, monkeypatch: pytest.MonkeyPatch
):
    with opened(url) as collection:
        collection.add([("birds.txt", b"The hoopoe has a crest. A kitten looks on."), ("kings.txt", "Zürich".encode())])
        collection.embed_pending()
        before = [(hit.name, hit.score) for hit in collection.search("hoopoe zurich")]
    # As one that knew no words would have left it.
    change(
        url,
        "UPDATE orchat_search_chunks SET words = to_tsvector('simple', 'otherwise'), length = 1",
        "UPDATE orchat_search_terms SET chunks = 99",
        "UPDATE orchat_search_version SET analysis = 7"
        if noted
        else "ALTER TABLE orchat_search_version DROP COLUMN analysis",
    )
    if not noted:
        for module in (postgresql_schema, reindex):
            monkeypatch.setattr(module, "ANALYSIS", 2)
    for _ in range(2):
        with opened(url) as collection:
            assert [(hit.name, hit.score) for hit in collection.search("hoopoe zurich")] == before != []
            assert collection._index.match(Query("otherwise"), 10, None) == []
            assert collection.embed_pending() == 0
            collection.remove(collection.add([("later.txt", b"A wryneck.")])[0].id)
