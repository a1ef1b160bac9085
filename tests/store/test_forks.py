"""A fork is a copy up to a message: it lives on its own, and what it holds was paid for once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orchat.store import Call, Message, Store


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


def pending(store: Store, chat: list[Message]) -> tuple[Call, Message]:
    """An answer whose cost has not come yet."""
    answer = store.add_message("ann", chat[0].conversation_id, role="assistant", wire={}, parent_id=chat[2].id)
    call = store.open_call("ann", kind="chat", conversation_id=answer.conversation_id, message_id=answer.id)
    store.update_call("ann", call.id, generation_id="gen-9", state="stopped")
    return call, answer


def end(store: Store, call: Call) -> None:
    store.update_call("ann", call.id, cost=Decimal("0.5"), prompt_tokens=7)


def look_up(store: Store, call: Call) -> None:
    store.settle_call(call, cost=Decimal("0.5"), prompt_tokens=7)


@pytest.mark.parametrize("learn", [end, look_up])
def test_copies_learn_what_it_cost_when_that_becomes_known(
    store: Store, chat: list[Message], learn: Callable[[Store, Call], None]
):
    call, answer = pending(store, chat)
    first = store.fork("ann", answer.id)
    second = store.fork("ann", str(first.leaf_id))
    learn(store, call)
    for leaf in (answer.id, first.leaf_id, second.leaf_id):
        message = store.message("ann", str(leaf))
        assert (message.cost, message.prompt_tokens) == (Decimal("0.5"), 7)
    today = datetime(2026, 3, 1, tzinfo=UTC).date()
    assert sum(spent.cost for spent in store.spending("ann", today, today)) == Decimal("0.5")
    assert [store.cost_of("ann", fork.id).cost for fork in (first, second)] == [0, 0]
    assert [found.requests for found in store.spending_by_chat("ann", today, today)] == [1]


def test_a_copy_learns_it_when_the_original_is_gone(store: Store, chat: list[Message]):
    call, answer = pending(store, chat)
    fork = store.fork("ann", answer.id)
    store.delete("ann", answer.conversation_id)
    store.purge_deleted(timedelta(seconds=-1))
    look_up(store, call)
    assert store.message("ann", str(fork.leaf_id)).cost == Decimal("0.5")


def test_a_copy_that_is_made_in_the_same_moment_learns_it_too(store: Store, chat: list[Message]):
    call, answer = pending(store, chat)
    with ThreadPoolExecutor(1) as thread:
        with store._writing() as connection:
            store._tell_message(connection, call, {"cost": Decimal("0.5")})
            forking = thread.submit(store.fork, "ann", answer.id)
            # As long as nobody makes it wait, the fork is there now.
            wait([forking], timeout=0.5)
        assert store.message("ann", str(forking.result().leaf_id)).cost == Decimal("0.5")


def test_a_copy_that_somebody_else_claims_to_have_learns_nothing(store: Store, chat: list[Message]):
    call, answer = pending(store, chat)
    theirs = store.create_conversation("bob").id
    claim = store.add_message("bob", theirs, role="assistant", wire={}, parent_id=None, copied_from=answer.id)
    look_up(store, call)
    assert store.message("bob", claim.id).cost is None


def test_what_no_message_shows_tells_nobody_its_cost(store: Store, chat: list[Message]):
    _, answer = pending(store, chat)
    call = store.open_call("ann", kind="title", conversation_id=answer.conversation_id)
    look_up(store, call)
    assert {message.cost for message in store.branch("ann", answer.conversation_id)} == {None, Decimal("0.25")}


def test_what_goes_on_or_waits_is_cut_off_in_a_copy(store: Store, chat: list[Message]):
    for state in ("streaming", "waiting"):
        going = store.add_message(
            "ann", chat[0].conversation_id, role="assistant", wire={}, parent_id=chat[2].id, state=state
        )
        assert store.branch("ann", store.fork("ann", going.id).id)[-1].state == "cut_off"
