"""A small file that would take all memory or time is refused before it does, and its owner is told what to do."""

import json
import zipfile
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from orchat.archive import import_file, importing, other_formats
from orchat.errors import ImportFailedError, QuotaExceededError
from orchat.store import Store
from tests.archive.test_archive import CHATGPT, CLAUDE, OWN
from tests.search.made_files import package


def packed(text: str) -> bytes:
    return package({importing.INSIDE: text})


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_not_unpacked(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    data = packed("[" + " " * 20_000_000 + "]")
    monkeypatch.setattr(zipfile.ZipFile, "read", None)
    with pytest.raises(ImportFailedError, match="100 times larger") as refused:
        import_file(store, "ann", data)
    assert "Unpack it" in refused.value.advice


def test_a_file_that_would_take_much_more_memory_than_its_size_is_not_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    data = b"[" + b"[]," * 2_000_000 + b"[]]"
    monkeypatch.setattr(importing.json, "loads", None)
    with pytest.raises(ImportFailedError, match="too much memory") as refused:
        import_file(store, "ann", data)
    assert "fewer chats" in refused.value.advice


@pytest.mark.parametrize("pack", [packed, str.encode], ids=["packed", "plain"])
def test_a_file_of_more_than_may_be_uploaded_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch, pack: Any):
    monkeypatch.setattr(importing, "MOST_UNPACKED", 1000)
    with pytest.raises(ImportFailedError, match="There are more than"):
        import_file(store, "ann", pack(json.dumps(CLAUDE * 20)))


def test_many_honest_chats_are_taken_in(store: Store):
    some = Random(1)
    chats = [{**chat, "title": some.randbytes(100).hex()} for chat in CHATGPT * 200]
    assert len(import_file(store, "ann", packed(json.dumps(chats)))) == 200


def test_each_node_of_a_tree_is_climbed_once_however_many_answers_hang_below(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    hidden = {f"h{n}": {"parent": f"h{n - 1}" if n else None} for n in range(2000)}
    said = {"message": {"author": {"role": "user"}, "content": {"parts": ["Hi"]}}, "parent": "h1999"}
    looked_up: list[object] = []
    monkeypatch.setattr(other_formats, "words", lambda value: looked_up.append(value) or value)
    mapping = {**hidden, **{f"s{n}": said for n in range(2000)}}
    import_file(store, "ann", json.dumps([{"title": "Deep", "mapping": mapping}]).encode())
    assert sum(isinstance(value, str) and value.startswith("h") for value in looked_up) < 5000


def test_the_room_that_is_left_is_compared_with_what_is_in_an_archive_and_not_with_its_size(store: Store):
    asked: list[int] = []

    def full(size: int) -> None:
        asked.append(size)
        raise QuotaExceededError("Full.")

    text = json.dumps(CLAUDE)
    with pytest.raises(QuotaExceededError):
        import_file(store, "ann", packed(text), check_room=full)
    assert asked == [len(text)]
    assert store.conversations("ann") == []


def test_one_file_is_read_at_a_time_and_whoever_waits_too_long_is_told(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importing, "PATIENCE", 0.01)

    def meanwhile(_size: int) -> None:
        with pytest.raises(ImportFailedError, match="Another file is being imported"):
            import_file(store, "bob", json.dumps(CLAUDE).encode())

    assert import_file(store, "ann", json.dumps(CLAUDE).encode(), check_room=meanwhile)
    assert import_file(store, "bob", json.dumps(CLAUDE).encode())


def of_time(moment: str) -> bytes:
    [chat] = OWN["conversations"]
    return json.dumps({**OWN, "conversations": [{**chat, "created_at": moment, "updated_at": moment}]}).encode()


def test_a_time_that_no_calendar_has_in_utc_is_refused(store: Store):
    with pytest.raises(ImportFailedError, match="is no time"):
        import_file(store, "ann", of_time("9999-12-31T23:59:59-14:00"))


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00"])
def test_no_imported_chat_is_from_a_time_to_come_or_from_before_there_were_any(store: Store, moment: str):
    [added] = import_file(store, "ann", of_time(moment))
    found = store.conversation("ann", added)
    assert datetime(1970, 1, 1, tzinfo=UTC) <= found.created_at <= found.updated_at <= datetime.now(UTC)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(store: Store, number: str):
    with pytest.raises(ImportFailedError, match="no number"):
        import_file(store, "ann", f"[{number}]".encode())
