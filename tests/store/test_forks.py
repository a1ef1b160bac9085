"""A fork is a copy up to a message: it lives on its own, and what it holds was paid for once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orchat.store import Message, Store


@pytest.fixture
def chat(store: Store) -> list[Message]:
    """Two questions of Ann with their answers."""
    conversation = store.create_conversation("ann", settings={"model": "a/b", "zdr": True})
    store.rename("ann", conversation.id, "Rainbows")
    messages: list[Message] = []
    for number in range(4):
        role = "assistant" if number % 2 else "user"
        known = {"cost": Decimal("0.25"), "generation_id": f"gen-{number}", "details": {"sources": []}}
        message = store.add_message(
            "ann",
            conversation.id,
            role=role,
            wire={"role": role, "content": f"{number}", "reasoning_details": [{"signature": "s"}]},
            parent_id=messages[-1].id if messages else None,
            **(known if number % 2 else {}),  # type: ignore[typeddict-item] # fields of a message
        )
        messages.append(message)
    return messages


def test_a_fork_holds_the_branch_up_to_the_message(store: Store, chat: list[Message]):
    fork = store.fork("ann", chat[1].id)
    copies = store.branch("ann", fork.id)
    assert [copy.wire for copy in copies] == [message.wire for message in chat[:2]]
    assert [copy.parent_id for copy in copies] == [None, copies[0].id]
    assert [copy.copied_from for copy in copies] == [chat[0].id, chat[1].id]
    assert (copies[1].cost, copies[1].details, copies[1].created_at) == (
        Decimal("0.25"),
        {"sources": []},
        chat[1].created_at,
    )
    assert (fork.title, fork.settings, fork.kind) == ("Rainbows (fork)", {"model": "a/b", "zdr": True}, "chat")
    assert store.conversation("ann", fork.id) == fork
    assert store.conversations("ann")[0] == fork


def test_the_original_is_not_touched_and_neither_needs_the_other(store: Store, chat: list[Message]):
    before = store.branch("ann", chat[0].conversation_id)
    fork = store.fork("ann", chat[3].id)
    store.add_message("ann", fork.id, role="user", wire={"content": "on"}, parent_id=fork.leaf_id)
    assert store.branch("ann", chat[0].conversation_id) == before
    assert len(store.branch("ann", fork.id)) == 5


def test_a_fork_of_a_fork_names_who_was_paid_and_is_not_called_a_fork_twice(store: Store, chat: list[Message]):
    first = store.fork("ann", chat[1].id)
    second = store.fork("ann", str(first.leaf_id))
    assert second.title == "Rainbows (fork)"
    assert [copy.copied_from for copy in store.branch("ann", second.id)] == [chat[0].id, chat[1].id]


def test_the_files_are_in_the_fork_too(store: Store, chat: list[Message]):
    file = store.add_file("ann", chat[0].conversation_id, name="a.txt", mime="text/plain", kind="text", data=b"abc")
    fork = store.fork("ann", chat[1].id)
    assert store.files("ann", fork.id) == [file]
    assert store.file_data("ann", file.sha256) == b"abc"


def test_a_fork_costs_nothing_and_has_the_receipts_of_what_it_copies(store: Store, chat: list[Message]):
    call = store.open_call("ann", kind="chat", conversation_id=chat[0].conversation_id, message_id=chat[1].id)
    store.update_call("ann", call.id, cost=Decimal("0.25"), generation_id="gen-1", state="done")
    fork = store.fork("ann", chat[3].id)
    today = datetime(2026, 3, 1, tzinfo=UTC).date()
    assert sum(spent.cost for spent in store.spending("ann", today, today)) == Decimal("0.25")
    assert store.cost_of("ann", fork.id).requests == 0
    copies = store.branch("ann", fork.id)
    found = store.call_of("ann", copies[1])
    assert found is not None
    assert found.id == call.id
    assert store.call_of("ann", copies[3]) is None
    assert store.call_of("bob", copies[1]) is None


def test_what_goes_on_or_waits_is_cut_off_in_a_copy(store: Store, chat: list[Message]):
    for state in ("streaming", "waiting"):
        going = store.add_message(
            "ann", chat[0].conversation_id, role="assistant", wire={}, parent_id=chat[2].id, state=state
        )
        assert store.branch("ann", store.fork("ann", going.id).id)[-1].state == "cut_off"
