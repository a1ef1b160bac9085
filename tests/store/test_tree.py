import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import insert, select

from orchat.errors import NotFoundError
from orchat.store import Message, Store
from orchat.store.tables import messages
from tests.store.clock import Clock


class Chat:
    """A conversation of Ann that a test grows."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.id = store.create_conversation("ann").id

    def says(self, text: str, after: Message | None = None) -> Message:
        role = "user" if text.startswith("?") else "assistant"
        wire = {"role": role, "content": text}
        return self.store.add_message("ann", self.id, role=role, wire=wire, parent_id=after.id if after else None)

    def shown(self) -> list[str]:
        return [message.text for message in self.store.branch("ann", self.id)]

    def switch_to(self, message: Message) -> None:
        self.store.set_leaf("ann", self.id, self.store.leaf_below("ann", message.id))


@pytest.fixture
def chat(store: Store) -> Chat:
    return Chat(store)


def test_the_last_message_ends_the_shown_branch(chat: Chat):
    answer = chat.says("!", after=chat.says("?"))
    assert chat.shown() == ["?", "!"]
    assert chat.store.conversation("ann", chat.id).leaf_id == answer.id


def test_an_edit_is_a_sibling_of_the_message_it_replaces(chat: Chat):
    first = chat.says("?1")
    chat.says("!1", after=first)
    edited = chat.says("?2")
    assert chat.shown() == ["?2"]
    assert chat.store.siblings("ann", edited.id) == [first, edited]


def test_a_regenerated_answer_is_a_sibling_of_the_first(chat: Chat):
    question = chat.says("?")
    answers = [chat.says(text, after=question) for text in ("!1", "!2", "!3")]
    assert chat.shown() == ["?", "!3"]
    assert chat.store.siblings("ann", answers[1].id) == answers


def test_switching_to_a_sibling_shows_what_followed_it_last(chat: Chat):
    question = chat.says("?")
    first = chat.says("!1", after=question)
    chat.says("!", after=chat.says("?deep", after=first))
    chat.says("!newest", after=chat.says("?other", after=first))
    second = chat.says("!2", after=question)
    chat.switch_to(first)
    assert chat.shown() == ["?", "!1", "?other", "!newest"]
    chat.switch_to(second)
    assert chat.shown() == ["?", "!2"]


def test_a_leaf_is_the_leaf_below_itself(chat: Chat):
    message = chat.says("?")
    assert chat.store.leaf_below("ann", message.id) == message.id


def test_any_branch_can_be_read_without_showing_it(chat: Chat):
    question = chat.says("?")
    first = chat.says("!1", after=question)
    chat.says("!2", after=question)
    assert chat.store.branch("ann", chat.id, first.id) == [question, first]
    assert chat.shown() == ["?", "!2"]


def test_first_messages_are_siblings_within_their_conversation_only(chat: Chat, store: Store):
    other = Chat(store).says("?other")
    mine = chat.says("?mine")
    assert store.siblings("ann", mine.id) == [mine]
    assert store.siblings("ann", other.id) == [other]


def test_siblings_are_in_the_order_of_writing_even_when_the_clock_is_set_back(chat: Chat, clock: Clock):
    first = chat.says("?1")
    clock.time = clock.time.replace(year=2020)
    second = chat.says("?2")
    assert chat.store.siblings("ann", second.id) == [first, second]


def test_a_part_of_a_branch_comes_with_all_alternatives_to_it(chat: Chat, store: Store):
    Chat(store).says("?other")
    first, edited = chat.says("?1"), chat.says("?2")
    answers = [chat.says(text, after=first) for text in ("!1", "!2")]
    expected = {None: [first.id, edited.id], first.id: [answer.id for answer in answers]}
    assert store.branch_part("ann", chat.id, most=9).below == expected
    store.set_leaf("ann", chat.id, edited.id)
    assert store.branch_part("ann", chat.id, most=9).below == {None: expected[None]}
    store.set_leaf("ann", chat.id, answers[0].id)
    assert store.branch_part("ann", chat.id, most=1).below == expected


def test_a_message_cannot_follow_one_of_another_conversation(chat: Chat, store: Store):
    stranger = Chat(store).says("?")
    with pytest.raises(NotFoundError):
        chat.says("!", after=stranger)
    assert chat.shown() == []


def test_a_leaf_of_another_conversation_is_not_shown(chat: Chat, store: Store):
    stranger = Chat(store).says("?")
    with pytest.raises(NotFoundError):
        store.set_leaf("ann", chat.id, stranger.id)
    with pytest.raises(NotFoundError):
        store.branch("ann", chat.id, stranger.id)


@pytest.fixture
def long_chat(chat: Chat) -> Chat:
    """2,000 messages, each below the one before; all but the first written at once, since one by one takes seconds."""
    first = chat.says("?0 " + "word " * 200)
    with chat.store._writing() as connection:
        row = dict(connection.execute(select(messages)).mappings().one())
        del row["number"]
        ids = [first.id, *(f"{first.id}-{number}" for number in range(1, 2000))]
        copies = [{**row, "id": own, "parent_id": above} for above, own in pairwise(ids)]
        connection.execute(insert(messages), copies)
    chat.store.set_leaf("ann", chat.id, ids[-1])
    return chat


def test_a_branch_of_2000_messages_is_read_in_50_ms(long_chat: Chat):
    def branch() -> None:
        assert len(long_chat.store.branch("ann", long_chat.id)) == 2000

    def bare_rows() -> None:
        with long_chat.store._engine.connect() as connection:
            assert len(connection.execute(select(messages)).all()) == 2000

    # On a slow or busy machine the bare rows alone take that long.
    assert cpu_seconds(branch) < max(0.05, 3 * cpu_seconds(bare_rows))


def cpu_seconds(work: Callable[[], None]) -> float:
    """The least of five attempts."""
    seconds = []
    for _ in range(5):
        start = time.thread_time()
        work()
        seconds.append(time.thread_time() - start)
    return min(seconds)


def test_a_long_conversation_is_purged_whole(long_chat: Chat):
    long_chat.store.delete("ann", long_chat.id)
    assert len(long_chat.store.purge_deleted(timedelta(0))) == 1
    with pytest.raises(NotFoundError):
        long_chat.store.conversation("ann", long_chat.id)
