"""The library in PostgreSQL: a page that only asks whether there are documents opens nothing and waits for nobody."""

from collections.abc import Iterator

import pytest

from orchat.library import Library, Shelf
from orchat.temporary import PREFIX
from tests.search.conftest import pgvector  # noqa: F401 - a fixture
from tests.store.conftest import fresh_schema
from tests.test_library import put


@pytest.fixture
def url(pgvector: str) -> Iterator[str]:  # noqa: F811
    yield from fresh_schema(pgvector)


@pytest.fixture
def library(url: str) -> Iterator[Library]:
    library = Library(url)
    yield library
    library.close()


def test_looking_for_documents_opens_nothing_and_makes_no_tables(library: Library):
    assert not library.has_any("ann", "c")
    assert library.in_reach("ann", "c") == {}
    assert library.kept_bytes("ann") == 0
    library.check()
    assert library._open == {}


def test_what_another_replica_has_been_given_is_found(library: Library, url: str):
    there = Library(url)
    put(there.of(Shelf.OWN, "ann"), "birds.txt", "The hoopoe has a crest.")
    put(there.of(Shelf.CHAT, "ann", "c"), "notes.txt", "It nests in holes.")
    there.close()
    assert library.has_any("ann", "another chat")
    assert library._open == {}
    assert set(library.in_reach("ann", "c")) == {Shelf.OWN, Shelf.CHAT}
    assert set(library.in_reach("ann", "another chat")) == {Shelf.OWN}
    assert set(library.in_reach("ann", PREFIX + "c")) == {Shelf.OWN}
    assert not library.has_any("bob", "c")
    library.forget([("ann", "c")])
    assert set(library.in_reach("ann", "c")) == {Shelf.OWN}


def test_what_is_on_the_shared_shelf_is_there_for_everybody(library: Library):
    put(library.of(Shelf.SHARED, "operator"), "rules.txt", "Lunch is at noon.")
    assert set(library.in_reach("bob", "")) == {Shelf.SHARED}
    assert library.has_any("bob", "c")
