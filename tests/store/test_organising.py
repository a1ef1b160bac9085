"""Pinned, archived, tagged: where a conversation is listed, and what finds it."""

from datetime import timedelta

import pytest

from orchat.store import Conversation, Store
from orchat.store.organising import LONGEST_TAG, MOST_TAGS
from tests.store.clock import Clock


@pytest.fixture
def chats(store: Store) -> list[Conversation]:
    """Three of Ann's, the newest first."""
    return [store.create_conversation("ann") for _ in range(3)][::-1]


def ids(chats: list[Conversation]) -> list[str]:
    return [chat.id for chat in chats]


def test_pinned_ones_can_be_listed_apart_and_keep_their_order(store: Store, chats: list[Conversation]):
    pinned = store.set_pinned("ann", chats[2].id, pinned=True)
    assert pinned.pinned_at is not None
    assert ids(store.conversations("ann", pinned=True)) == [chats[2].id]
    assert ids(store.conversations("ann", pinned=False)) == ids(chats[:2])
    assert ids(store.conversations("ann")) == ids(chats)
    assert store.set_pinned("ann", chats[2].id, pinned=False) == chats[2]


def test_an_archived_one_is_not_listed_and_comes_back_as_it_was(store: Store, chats: list[Conversation]):
    store.set_archived("ann", chats[0].id, archived=True)
    assert ids(store.conversations("ann")) == ids(chats[1:])
    assert ids(store.conversations("ann", archived=True)) == [chats[0].id]
    assert ids(store.conversations("ann", archived=None)) == ids(chats)
    assert store.set_archived("ann", chats[0].id, archived=False) == chats[0]


def test_an_overview_has_what_a_list_shows_at_once(store: Store, chats: list[Conversation]):
    newest = store.create_conversation("ann")
    store.set_pinned("ann", chats[2].id, pinned=True)
    store.set_tags("ann", chats[0].id, ["work"])
    seen = store.overview("ann", most=2, most_pinned=9)
    assert (ids(seen.pinned), ids(seen.others)) == ([chats[2].id], [newest.id, chats[0].id])
    assert (seen.archived, seen.tags) == (False, {"work": 1})
    store.set_archived("ann", newest.id, archived=True)
    store.set_pinned("ann", chats[0].id, pinned=True)
    seen = store.overview("ann", most=2, most_pinned=1)
    assert (ids(seen.pinned), ids(seen.others), seen.archived) == ([chats[0].id], [chats[1].id], True)
    tagged = store.overview("ann", most=9, most_pinned=9, tag="work")
    assert (ids(tagged.pinned), tagged.others, tagged.archived) == ([chats[0].id], [], True)
    assert tagged.pinned == store.conversations("ann", tag="work")


def test_an_archived_one_is_found_and_marked_as_such(store: Store, chats: list[Conversation]):
    for chat in chats[:2]:
        store.rename("ann", chat.id, "About zebras")
        store.add_message("ann", chat.id, role="user", wire={"content": "Where is the zebra?"}, parent_id=None)
    store.set_archived("ann", chats[0].id, archived=True)
    hits = store.search("ann", "zebra")
    assert {(hit.conversation_id, hit.message_id is None, hit.archived) for hit in hits} == {
        (chats[0].id, False, True),
        (chats[1].id, False, False),
        (chats[0].id, True, True),
        (chats[1].id, True, False),
    }


def test_a_conversation_has_several_tags_and_a_tag_several_conversations(store: Store, chats: list[Conversation]):
    store.set_tags("ann", chats[0].id, ["work", "Garden"])
    store.set_tags("ann", chats[1].id, ["work"])
    assert store.tags("ann", chats[0].id) == ["Garden", "work"]
    assert store.every_tag("ann") == {"Garden": 1, "work": 2}
    assert ids(store.conversations("ann", tag="work")) == ids(chats[:2])
    assert ids(store.conversations("ann", tag="Garden")) == [chats[0].id]
    assert store.conversations("ann", tag="other") == []


def test_tags_are_replaced_and_vanish_with_their_last_conversation(store: Store, chats: list[Conversation]):
    store.set_tags("ann", chats[0].id, ["work", "garden"])
    store.set_tags("ann", chats[0].id, ["garden"])
    assert store.every_tag("ann") == {"garden": 1}
    store.delete("ann", chats[0].id)
    assert store.every_tag("ann") == {}
    store.restore("ann", chats[0].id)
    assert store.every_tag("ann") == {"garden": 1}


def test_a_tag_is_tidied_and_spelled_as_it_was_first(store: Store, chats: list[Conversation]):
    assert store.set_tags("ann", chats[0].id, ["  to\n do ", "", " \t", "x" * 99]) == ["to do", "x" * LONGEST_TAG]
    assert store.set_tags("ann", chats[1].id, ["TO DO", "to do"]) == ["to do"]
    assert len(store.set_tags("ann", chats[1].id, map(str, range(99)))) == MOST_TAGS


def test_what_is_purged_leaves_no_tag_and_no_rating(store: Store, clock: Clock, chats: list[Conversation]):
    store.set_tags("ann", chats[0].id, ["work"])
    answer = store.add_message("ann", chats[0].id, role="assistant", wire={"content": "!"}, parent_id=None)
    store.rate("ann", answer.id, "up")
    store.delete("ann", chats[0].id)
    clock.advance(timedelta(days=8))
    assert len(store.purge_deleted(timedelta(days=7))) == 1
    assert store.every_tag("ann") == {}
