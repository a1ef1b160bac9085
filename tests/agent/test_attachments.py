"""Files that people bring: safe names, nothing overwritten, nobody else's conversation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.agent.attachments import attach
from orchat.errors import NotFoundError
from orchat.media.names import ATTACHMENT
from orchat.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


@pytest.fixture
def chat(store: Store) -> str:
    return store.create_conversation("ann", kind="agent").id


@pytest.mark.parametrize(
    "name, kept",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\temp\\\\a.csv", "a.csv"),
        ("sales\u202evsc.exe", "sales_vsc.exe"),
        ("<b>.csv", "_b_.csv"),
        ("-rf.csv", "rf.csv"),
        ("", "file"),
        ("x" * 500 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_names_are_made_safe(store: Store, chat: str, name: str, kept: str):
    reference = attach(store, "ann", chat, name, b"1")
    assert (reference["name"], reference["kind"]) == (kept, ATTACHMENT)


def test_a_different_file_of_the_same_name_gets_another_and_the_same_one_is_kept_once(store: Store, chat: str):
    names = [str(attach(store, "ann", chat, "a.csv", data)["name"]) for data in (b"1", b"2", b"3", b"1")]
    assert names == ["a.csv", "a (2).csv", "a (3).csv", "a.csv"]
    assert [file.name for file in store.files("ann", chat)] == names[:3]


def test_a_file_that_a_tool_made_does_not_stand_in_its_way(store: Store, chat: str):
    store.add_file("ann", chat, name="a.csv", mime="text/csv", kind="file", data=b"1")
    assert attach(store, "ann", chat, "a.csv", b"1")["name"] == "a (2).csv"


def test_it_goes_into_no_conversation_of_somebody_else(store: Store, chat: str):
    with pytest.raises(NotFoundError):
        attach(store, "eve", chat, "a.csv", b"1")
