"""Files, checkpoints and preferences: what the agent keeps beside its messages."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from orchat.errors import StoreError
from orchat.store import Conversation, File, Store
from orchat.store import files as files_module
from orchat.store.tables import blobs, checkpoints
from tests.store.clock import Clock


@pytest.fixture
def conversation(store: Store) -> Conversation:
    return store.create_conversation("ann")


def add(store: Store, conversation: Conversation, data: bytes, name: str = "plot.png") -> File:
    return store.add_file("ann", conversation.id, name=name, mime="image/png", kind="image", data=data)


def blobs_kept(store: Store) -> int:
    with store._engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(blobs)).scalar_one()


def test_the_same_bytes_are_kept_once_under_every_name(store: Store, conversation: Conversation):
    first, again, other = (add(store, conversation, b"png", name) for name in ("a.png", "a.png", "b.png"))
    assert first == again
    assert store.files("ann", conversation.id) == [first, other]
    assert blobs_kept(store) == 1
    assert store.file_data("ann", first.sha256) == b"png"


def test_a_file_that_is_too_large_is_refused_with_what_to_do(
    store: Store, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(files_module, "MAX_FILE", 3)
    with pytest.raises(StoreError, match="4 bytes; at most 3") as caught:
        add(store, conversation, b"1234")
    assert "smaller" in caught.value.advice
    assert store.files("ann", conversation.id) == []


def test_purging_a_chat_removes_its_files_and_leaves_those_of_others(store: Store, clock: Clock):
    gone, stays = store.create_conversation("ann"), store.create_conversation("ann")
    shared, alone = add(store, gone, b"shared"), add(store, gone, b"alone")
    add(store, stays, b"shared")
    store.save_checkpoint("ann", gone.id, "thread", b"state")
    store.delete("ann", gone.id)
    clock.advance(timedelta(days=8))
    assert len(store.purge_deleted(timedelta(days=7))) == 1
    assert store.file_data("ann", shared.sha256) == b"shared"
    with pytest.raises(StoreError):
        store.file_data("ann", alone.sha256)
    assert store.checkpoint("ann", "thread") is None


def test_a_checkpoint_takes_the_place_of_the_one_before(store: Store, conversation: Conversation):
    store.save_checkpoint("ann", conversation.id, "thread", b"1")
    store.save_checkpoint("ann", conversation.id, "thread", b"2")
    assert store.checkpoint("ann", "thread") == b"2"
    with store._engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(checkpoints)).scalar_one() == 1
    store.delete_checkpoint("ann", "thread")
    assert store.checkpoint("ann", "thread") is None


def test_a_preference_is_replaced_and_taken_back(store: Store):
    assert store.preference("ann", "tools") is None
    for value in ({"a": 1}, ["b"], False):
        store.save_preference("ann", "tools", value)
        assert store.preference("ann", "tools") == value
    store.save_preference("ann", "tools", None)
    assert store.preference("ann", "tools") is None
