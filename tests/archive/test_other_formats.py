"""Exports of other applications as they are today: in several files, and as a tree."""

import json
from typing import Any

import pytest

from orchat.archive import import_file, importing
from orchat.errors import ImportFailedError
from orchat.store import Store
from tests.archive.test_archive import CHATGPT
from tests.search.made_files import package


def named(title: str) -> dict[str, Any]:
    return {**CHATGPT[0], "title": title}


def split(*files: str) -> bytes:
    """An archive of ChatGPT's, which has its chats in numbered files."""
    numbered = {f"export/conversations-{number:03}.json": text for number, text in enumerate(files)}
    others = {"export/user.json": "{}", "__MACOSX/export/._conversations-000.json": "junk"}
    return package({**others, **dict(reversed(numbered.items()))})


def test_an_archive_with_chats_in_numbered_files_is_taken_in_whole_and_in_their_order(store: Store):
    data = split(json.dumps([named("First"), named("Second")]), json.dumps([named("Third")]))
    ids = import_file(store, "ann", data)
    assert [store.conversation("ann", chat).title for chat in ids] == ["First", "Second", "Third"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (json.dumps([named("Third"), {"title": "x"}]), "Conversations-001.json, chat 2: “mapping” is missing"),
        ("[\n oops", "Conversations-001.json: Line 2, column 2"),
        ("{}", "Conversations-001.json: This is none of what can be read"),
    ],
)
def test_what_is_broken_in_one_of_them_names_the_file_and_nothing_is_taken_in(store: Store, broken: str, said: str):
    with pytest.raises(ImportFailedError, match=said):
        import_file(store, "ann", split(json.dumps([named("First")]), broken))
    assert store.conversations("ann") == []


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [("MOST_UNPACKED", 1_000, "There are more than"), ("MOST_MEMORY", 15_000, "too much memory")],
)
def test_numbered_files_are_measured_together(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, said: str
):
    text = json.dumps([named("One")])
    monkeypatch.setattr(importing, limit, most)
    assert import_file(store, "ann", split(text))
    with pytest.raises(ImportFailedError, match=said):
        import_file(store, "ann", split(text, text))


def test_the_room_that_is_left_has_to_be_enough_for_all_of_them(store: Store):
    text, asked = json.dumps([named("One")]), list[int]()
    import_file(store, "ann", split(text, text), check_room=asked.append)
    assert asked == [2 * len(text)]
