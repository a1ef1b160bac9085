"""Messages are taken out of a chat with what follows them, and brought back as they were."""

from datetime import timedelta

import pytest

from orchat.errors import NotFoundError
from orchat.store import Message, Store
from orchat.store.records import CONTINUES, Role
from tests.store.clock import Clock


class Talk:
    """A conversation of Ann's."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.id = store.create_conversation("ann").id

    def says(self, text: str, after: Message | None, role: Role = "user", **details: object) -> Message:
        above = after.id if after else None
        wire = {"role": role, "content": text}
        return self.store.add_message(
            "ann", self.id, role=role, wire=wire, parent_id=above, details=dict(details) or None
        )

    def shown(self) -> list[str]:
        return [message.text for message in self.store.branch("ann", self.id)]


@pytest.fixture
def talk(store: Store) -> Talk:
    return Talk(store)


def test_what_is_removed_is_gone_with_what_follows_it_and_comes_back_as_it_was(talk: Talk, store: Store):
    question = talk.says("Where is the heron?", None)
    answer = talk.says("In the reeds.", question, "assistant")
    talk.says("And the zebra?", answer)
    store.rate("ann", answer.id, "up")
    before = (store.all_messages("ann", talk.id), store.conversation("ann", talk.id))
    removed = store.remove("ann", answer.id)
    assert talk.shown() == ["Where is the heron?"]
    assert [message.id for message in store.all_messages("ann", talk.id)] == [question.id]
    assert store.search("ann", "zebra") == []
    assert store.ratings("ann", talk.id) == {}
    assert [chat.id for chat in store.conversations("ann", archived=None)] == [talk.id]
    assert store.bring_back("ann", removed) == before[1]
    assert (store.all_messages("ann", talk.id), store.conversation("ann", talk.id)) == before
    assert [hit.message_id for hit in store.search("ann", "reeds")] == [answer.id]
    assert store.ratings("ann", talk.id).keys() == {answer.id}
    with pytest.raises(NotFoundError):
        store.bring_back("ann", removed)


def test_a_version_that_is_beside_it_is_shown_instead(talk: Talk, store: Store):
    question = talk.says("?", None)
    first = talk.says("one", question, "assistant")
    talk.says("more", first)
    second = talk.says("two", question, "assistant")
    removed = store.remove("ann", second.id)
    assert talk.shown() == ["?", "one", "more"]
    store.bring_back("ann", removed)
    assert talk.shown() == ["?", "two"]


def test_what_is_not_shown_is_removed_without_a_change_of_what_is(talk: Talk, store: Store):
    question = talk.says("?", None)
    first = talk.says("one", question, "assistant")
    talk.says("two", question, "assistant")
    removed = store.remove("ann", first.id)
    assert talk.shown() == ["?", "two"]
    store.bring_back("ann", removed)
    assert talk.shown() == ["?", "two"]
    assert store.branch_part("ann", talk.id, most=9).below[question.id][0] == first.id


def test_a_chat_whose_first_question_is_removed_is_empty_and_can_be_filled_again(talk: Talk, store: Store):
    removed = store.remove("ann", talk.says("?", None).id)
    assert talk.shown() == []
    assert store.conversation("ann", talk.id).leaf_id is None
    store.bring_back("ann", removed)
    assert talk.shown() == ["?"]


def test_the_rest_of_a_cut_answer_takes_its_hidden_instruction_along(talk: Talk, store: Store):
    cut = talk.says("It be", talk.says("?", None), "assistant")
    instruction = talk.says("go on", cut, **{CONTINUES: cut.id})
    removed = store.remove("ann", talk.says("gins.", instruction, "assistant").id)
    assert talk.shown() == ["?", "It be"]
    store.bring_back("ann", removed)
    assert talk.shown() == ["?", "It be", "go on", "gins."]


def test_what_followed_something_that_is_gone_itself_stays_gone(talk: Talk, store: Store):
    question = talk.says("?", None)
    answer = store.remove("ann", talk.says("!", question, "assistant").id)
    both = store.remove("ann", question.id)
    with pytest.raises(NotFoundError):
        store.bring_back("ann", answer)
    store.bring_back("ann", both)
    store.bring_back("ann", answer)
    assert talk.shown() == ["?", "!"]


def test_what_was_removed_is_purged_with_deleted_chats(talk: Talk, store: Store, clock: Clock):
    question = talk.says("?", None)
    removed = store.remove("ann", talk.says("secret", question, "assistant").id)
    clock.time += timedelta(days=8)
    assert store.purge_deleted(timedelta(days=7)) == [("ann", removed)]
    assert talk.shown() == ["?"]
    with pytest.raises(NotFoundError):
        store.bring_back("ann", removed)


def test_what_was_removed_is_outdated_with_its_chat(talk: Talk, store: Store, clock: Clock):
    question = talk.says("?", None)
    clock.time += timedelta(days=3)
    removed = store.remove("ann", talk.says("!", question, "assistant").id)
    clock.time += timedelta(days=3)
    other = store.remove("ann", question.id)
    clock.time += timedelta(days=3)
    assert set(store.purge_outdated(timedelta(days=5))) == {("ann", talk.id), ("ann", removed), ("ann", other)}
