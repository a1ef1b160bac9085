"""A collection is its owner's, and to everybody else it is as if it were not there."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchat.errors import NotFoundError
from orchat.search import Collection
from tests.search.conftest import Open
from tests.search.documents import add, names


@pytest.fixture
def shared(address: Any) -> bool:
    """Whether one address holds the collections of many."""
    return str(address).startswith("postgresql")


def test_a_file_of_somebody_else_is_not_there(open_collection: Open, shared: bool):
    if not shared:
        pytest.skip("each collection has an address of its own")
    ann, bob = open_collection("ann"), open_collection("bob")
    file = add(ann, "secret.txt", "The moon is made of cheese.")
    for ask in (bob.read, bob.original, bob.remove, lambda id_: bob.search("moon", files=[id_])):
        with pytest.raises(NotFoundError, match="no such file"):
            ask(file.id)
    assert (bob.files(), bob.search("moon"), bob.find(b"The moon is made of cheese.")) == ([], [], None)
    add(bob, "secret.txt", "The moon is made of cheese.")
    bob.remove(bob.files()[0].id)
    assert names(ann, "moon") == ["secret.txt"]


def test_collections_of_one_owner_are_apart(open_collection: Open, shared: bool):
    if not shared:
        pytest.skip("each collection has an address of its own")
    one, two = open_collection(name="one"), open_collection(name="two")
    file = add(one, "a.txt", "moon")
    assert names(two, "moon") == []
    with pytest.raises(NotFoundError):
        two.read(file.id)
    assert names(open_collection(name="one"), "moon") == ["a.txt"]


def test_what_others_write_says_nothing_about_the_rarity_of_ones_words(open_collection: Open, shared: bool):
    if not shared:
        pytest.skip("each collection has an address of its own")
    ann, bob = open_collection("ann"), open_collection("bob")
    add(ann, "a.txt", "moon")
    add(ann, "b.txt", "sun")
    before = ann.search("moon")
    for number in range(20):
        add(bob, f"{number}.txt", f"moon {number}")
    assert ann.search("moon") == before


def test_many_open_collections_keep_few_connections(open_collection: Open, address: Any, shared: bool):
    if not shared:
        pytest.skip("each collection has an address of its own")
    opened = [open_collection(f"person {number}", background=False) for number in range(30)]
    assert [collection.files() for collection in opened] == [[]] * 30
    with psycopg.connect(str(address).replace("postgresql+psycopg://", "postgresql://")) as connection:
        [kept] = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchone()
    assert kept < 15


def test_a_file_of_a_collection_opens_for_its_owner_only(tmp_path: Path):
    path = tmp_path / "one.db"
    Collection.open(path, "ann").close()
    with pytest.raises(NotFoundError, match="no such collection"):
        Collection.open(path, "bob")
    Collection.open(path, "ann").close()
