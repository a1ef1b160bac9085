from datetime import UTC, datetime, timedelta

import pytest

from orchat.errors import NotFoundError
from orchat.store import Conversation, Store
from tests.store.clock import Clock


def test_a_new_conversation_is_empty_and_unnamed(store: Store):
    conversation = store.create_conversation("ann")
    assert (conversation.title, conversation.title_source, conversation.kind) == ("", "", "chat")
    assert (conversation.leaf_id, conversation.deleted_at) == (None, None)
    assert store.branch("ann", conversation.id) == []


def test_what_is_created_is_what_is_read(store: Store):
    settings = {"model": "openrouter/auto", "zdr": True, "nested": {"sort": ["price", None]}}
    created = store.create_conversation("ann", kind="agent", settings=settings)
    assert store.conversation("ann", created.id) == created
    assert created.settings == settings


def test_every_id_is_new(store: Store):
    assert len({store.create_conversation("ann").id for _ in range(20)}) == 20


def test_conversations_are_listed_newest_first_and_only_to_their_owner(store: Store):
    mine = [store.create_conversation("ann") for _ in range(3)]
    store.create_conversation("bob")
    assert store.conversations("ann") == mine[::-1]


def test_a_new_message_brings_its_conversation_to_the_top(store: Store):
    old, new = store.create_conversation("ann"), store.create_conversation("ann")
    store.add_message("ann", old.id, role="user", wire={"content": "hi"}, parent_id=None)
    assert [c.id for c in store.conversations("ann")] == [old.id, new.id]


def test_renaming_and_configuring_leave_the_order_alone(store: Store):
    old, new = store.create_conversation("ann"), store.create_conversation("ann")
    store.rename("ann", old.id, "Old")
    store.update_settings("ann", old.id, {"zdr": True})
    assert [c.id for c in store.conversations("ann")] == [new.id, old.id]


def test_pages_of_the_list_follow_each_other_without_gap_or_repeat(store: Store):
    everything = [store.create_conversation("ann") for _ in range(7)][::-1]
    pages: list[Conversation] = []
    while page := store.conversations("ann", limit=3, before=pages[-1] if pages else None):
        pages += page
    assert pages == everything


def test_pages_do_not_lose_conversations_of_the_same_moment(url: str):
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with Store.open(url, now=lambda: moment) as store:
        ids = {store.create_conversation("ann").id for _ in range(5)}
        first = store.conversations("ann", limit=2)
        rest = store.conversations("ann", before=first[-1])
    assert {c.id for c in first + rest} == ids
    assert len(first + rest) == 5


def test_a_title_of_the_user_is_not_replaced_by_a_model(store: Store):
    conversation = store.create_conversation("ann")
    assert store.rename("ann", conversation.id, "hello there", "words").title == "hello there"
    assert store.rename("ann", conversation.id, "Greetings", "model").title == "Greetings"
    assert store.rename("ann", conversation.id, "Mine").title_source == "user"
    assert store.rename("ann", conversation.id, "Greetings", "model").title == "Mine"
    assert store.rename("ann", conversation.id, "Mine again").title == "Mine again"


def test_updating_settings_keeps_those_that_are_not_named(store: Store):
    conversation = store.create_conversation("ann", settings={"model": "a/b", "zdr": False})
    store.update_settings("ann", conversation.id, {"zdr": True})
    assert store.conversation("ann", conversation.id).settings == {"model": "a/b", "zdr": True}


def test_a_deleted_conversation_leaves_the_list_and_comes_back(store: Store):
    conversation = store.create_conversation("ann")
    assert store.delete("ann", conversation.id).deleted_at is not None
    assert store.conversations("ann") == []
    assert store.restore("ann", conversation.id) == conversation
    assert store.conversations("ann") == [conversation]


def test_an_answer_to_a_deleted_conversation_is_still_saved(store: Store):
    conversation = store.create_conversation("ann")
    answer = store.add_message(
        "ann", conversation.id, role="assistant", wire={"content": ""}, parent_id=None, state="streaming"
    )
    store.delete("ann", conversation.id)
    store.save_message("ann", answer)
    store.restore("ann", conversation.id)
    assert len(store.branch("ann", conversation.id)) == 1


def test_purging_removes_for_good_what_was_deleted_long_ago(store: Store, clock: Clock):
    kept, recent, old = (store.create_conversation("ann") for _ in range(3))
    message = store.add_message("ann", old.id, role="user", wire={"content": "hi"}, parent_id=None)
    store.delete("ann", old.id)
    clock.advance(timedelta(days=30))
    store.delete("ann", recent.id)
    assert len(store.purge_deleted(timedelta(days=7))) == 1
    assert store.conversations("ann") == [kept]
    assert store.conversation("ann", recent.id).deleted_at is not None
    with pytest.raises(NotFoundError):
        store.conversation("ann", old.id)
    with pytest.raises(NotFoundError):
        store.message("ann", message.id)
    assert store.purge_deleted(timedelta(days=7)) == []
