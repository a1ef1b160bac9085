"""Any file for an import: it is taken in whole, or refused with a reason and nothing of it is kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from orchat.archive import as_html, as_json, as_markdown, import_file
from orchat.errors import ImportFailedError
from orchat.store import Store
from tests.archive.test_archive import ALL, ANYTHING, leaves
from tests.archive.test_other_formats import claude_tree, split
from tests.fuzz.fuzzing import BRIEF_OR_LONG, fuzz, mutated
from tests.search.made_files import package

OWNER = "fuzz"
EXPORTS = [*ALL.values(), [claude_tree(current_leaf_message_uuid="a1")]]
FILES = [json.dumps(value).encode() for value in EXPORTS]
PACKED = [*(package({"conversations.json": data}) for data in FILES), split(*(data.decode() for data in FILES[:2]))]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """An export of an application with a few of its values replaced or taken out."""
    value = json.loads(json.dumps(draw(st.sampled_from(EXPORTS))))
    for _ in range(draw(st.integers(1, 5))):
        paths = [path for path in leaves(value) if path]
        if not paths:
            break
        path = draw(st.sampled_from(paths))
        place = value
        for step in path[:-1]:
            place = place[step]
        if isinstance(place, dict) and draw(st.booleans()):
            del place[path[-1]]
        else:
            place[path[-1]] = draw(ANYTHING)
    return json.dumps(value).encode()


@BRIEF_OR_LONG
def test_a_file_is_taken_in_whole_or_not_at_all(store: Store, seconds: float):
    def check(data: bytes) -> None:
        # What a failure left is none of the next example's.
        for left in store.conversations(OWNER, limit=10**6):
            store.delete(OWNER, left.id)
        try:
            ids = import_file(store, OWNER, data)
        except ImportFailedError:
            assert store.conversations(OWNER, limit=10**6) == []
            return
        chats = store.conversations(OWNER, limit=10**6)
        assert sorted(chat.id for chat in chats) == sorted(ids)
        for write in (as_json, as_markdown, as_html):
            write(store, OWNER, chats).encode("utf-8", "surrogatepass")
        again = import_file(store, OWNER, as_json(store, OWNER, chats).encode())
        assert len(again) == len(ids)
        for chat in (*ids, *again):
            store.delete(OWNER, chat)

    fuzz(changed() | mutated([*FILES, *PACKED]), check, seconds)
