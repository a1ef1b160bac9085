"""A long branch is read a part at a time."""

import pytest

from orchat.store import Message, Store


@pytest.fixture
def branch(store: Store) -> list[Message]:
    """Ten messages in a row."""
    chat = store.create_conversation("ann")
    messages: list[Message] = []
    for number in range(10):
        above = messages[-1].id if messages else None
        wire = {"content": str(number)}
        messages.append(store.add_message("ann", chat.id, role="user", wire=wire, parent_id=above))
    return messages


def test_the_last_part_comes_first(store: Store, branch: list[Message]):
    part = store.branch_part("ann", branch[0].conversation_id, most=4)
    assert (part.messages, part.earlier, part.later) == (branch[6:], True, False)


def test_a_part_as_long_as_the_branch_is_all_of_it(store: Store, branch: list[Message]):
    for most in (10, 11, 1000):
        part = store.branch_part("ann", branch[0].conversation_id, most=most)
        assert (part.messages, part.earlier, part.later) == (branch, False, False)


def test_a_part_can_end_anywhere_on_the_branch(store: Store, branch: list[Message]):
    part = store.branch_part("ann", branch[0].conversation_id, most=4, last_id=branch[4].id)
    assert (part.messages, part.earlier, part.later) == (branch[1:5], True, True)
    part = store.branch_part("ann", branch[0].conversation_id, most=4, last_id=branch[9].id)
    assert (part.messages, part.earlier, part.later) == (branch[6:], True, False)


def test_a_part_that_ends_on_a_branch_which_is_not_shown_is_the_last_one(store: Store, branch: list[Message]):
    chat = branch[0].conversation_id
    edited = store.add_message("ann", chat, role="user", wire={"content": "other"}, parent_id=branch[1].id)
    part = store.branch_part("ann", chat, most=2, last_id=branch[7].id)
    assert (part.messages, part.earlier, part.later) == ([branch[1], edited], True, False)


def test_the_path_names_every_message_of_the_branch(store: Store, branch: list[Message]):
    assert store.path("ann", branch[0].conversation_id) == [message.id for message in branch]


def test_an_empty_conversation_has_no_path_and_no_part(store: Store):
    chat = store.create_conversation("ann")
    part = store.branch_part("ann", chat.id, most=4)
    assert (part.messages, part.earlier, part.later) == ([], False, False)
    assert store.path("ann", chat.id) == []
