"""What is counted for limits: asks within a minute, bytes that are kept, chats that nobody touches."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from orchat.errors import NotFoundError
from orchat.store import Store

MINUTE = timedelta(minutes=1)


class Still:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by


@pytest.fixture
def clock() -> Still:
    return Still()


def test_so_many_ask_within_a_minute_and_the_next_waits_until_the_first_is_a_minute_old(store: Store, clock: Still):
    for _ in range(3):
        assert store.take_turn("ann", 3, MINUTE) is None
        clock.advance(timedelta(seconds=10))
    assert store.take_turn("ann", 3, MINUTE) == timedelta(seconds=30)
    assert store.take_turn("bob", 3, MINUTE) is None
    clock.advance(timedelta(seconds=30))
    assert store.take_turn("ann", 3, MINUTE) is None
    assert store.take_turn("ann", 3, MINUTE) == timedelta(seconds=10)


def test_who_has_to_wait_waits_no_longer_for_having_tried(store: Store, clock: Still):
    store.take_turn("ann", 1, MINUTE)
    for _ in range(5):
        clock.advance(timedelta(seconds=10))
        store.take_turn("ann", 1, MINUTE)
    clock.advance(timedelta(seconds=10))
    assert store.take_turn("ann", 1, MINUTE) is None


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=365)])
def test_a_clock_that_is_set_locks_nobody_out(store: Store, clock: Still, jump: timedelta):
    store.take_turn("ann", 1, MINUTE)
    clock.advance(jump)
    assert store.take_turn("ann", 1, MINUTE) is None
    assert store.take_turn("ann", 1, MINUTE) == MINUTE


def test_many_at_once_are_counted_exactly(url: str):
    with Store.open(url) as one, Store.open(url) as two:
        admitted: list[bool] = []

        def ask(store: Store) -> None:
            admitted.append(store.take_turn("ann", 5, MINUTE) is None)

        threads = [threading.Thread(target=ask, args=(store,)) for store in (one, two) * 8]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(admitted) == 5


def test_the_same_content_counts_once_and_a_deleted_chat_not_at_all(store: Store):
    chats = [store.create_conversation("ann").id for _ in range(3)]
    for number, chat in enumerate(chats):
        store.add_file("ann", chat, name="a", mime="x/y", kind="file", data=b"same")
        store.add_file("ann", chat, name="b", mime="x/y", kind="file", data=b"x" * 10 ** (number + 1))
    theirs = store.create_conversation("bob").id
    store.add_file("bob", theirs, name="a", mime="x/y", kind="file", data=b"theirs")
    assert store.kept_bytes("ann") == 4 + 10 + 100 + 1000
    store.delete("ann", chats[2])
    assert store.kept_bytes("ann") == 4 + 10 + 100
    assert store.kept_bytes("nobody") == 0
    assert store.conversation_ids("ann") == chats[:2]


def test_chats_go_by_the_age_of_their_last_message_and_their_cost_stays(store: Store, clock: Still):
    old, used, deleted = (store.create_conversation("ann").id for _ in range(3))
    theirs = store.create_conversation("bob").id
    began = clock()
    for owner, chat in (("ann", old), ("ann", used), ("bob", theirs)):
        first = store.add_message(owner, chat, role="user", wire={"content": "?"}, parent_id=None)
        store.add_message(owner, chat, role="assistant", wire={"content": "!"}, parent_id=first.id)
        store.add_file(owner, chat, name="a", mime="x/y", kind="file", data=b"data")
    store.open_call("ann", kind="chat", conversation_id=old)
    clock.advance(timedelta(days=20))
    store.add_message("ann", used, role="user", wire={"content": "?"}, parent_id=None)
    store.rename("ann", old, "A name is no message")
    store.delete("ann", deleted)
    clock.advance(timedelta(days=11))

    assert store.outdated(timedelta(days=40)) == []
    ann, bob = store.outdated(timedelta(days=30))
    assert (ann.owner, ann.chats, ann.messages, ann.file_bytes) == ("ann", 2, 2, 4)
    assert (bob.owner, bob.chats, bob.messages, bob.file_bytes) == ("bob", 1, 2, 4)
    assert ann.oldest == ann.newest == began
    assert store.conversation("ann", old).title, "looking deletes nothing"

    gone = store.purge_outdated(timedelta(days=30))
    assert sorted(gone) == sorted([("ann", old), ("ann", deleted), ("bob", theirs)])
    assert store.outdated(timedelta(days=30)) == []
    with pytest.raises(NotFoundError):
        store.conversation("ann", old)
    assert len(store.branch("ann", used)) == 1
    assert len(store.calls_of("ann", old)) == 1
    assert store.kept_bytes("bob") == 0
