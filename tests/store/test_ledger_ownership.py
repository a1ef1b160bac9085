"""The ledger, called with the id of somebody else's conversation, message or request: nothing of theirs changes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, update

from orchat.errors import NotFoundError
from orchat.store import Call, Conversation, DividedStore, Message, Store
from orchat.store.tables import calls
from tests.store.clock import Clock
from tests.store.test_ownership import LEDGER, METHODS, everything, parameters

IDS = {"conversation_id", "message_id", "message", "call_id", "ids"}
PLAIN = {
    "kind": "chat",
    "known": {"cost": Decimal(9), "prompt_tokens": 3, "state": "done"},
    "since": date(2026, 1, 1),
    "until": date(2026, 12, 31),
}
DEFAULTS = {"model_asked", "zdr", "simulated", "personal_key", "sent", "limit", "wanted"}
ID_PARAMETERS = [(name, each) for name in sorted(LEDGER) for each in parameters(name) if each in IDS]
LEARNED = {"cost": Decimal(9), "prompt_tokens": 3}


class Entered:
    """One person's conversation with a budget, an answer that does not know its cost, and the request for it."""

    def __init__(self, store: Store, owner: str) -> None:
        self.conversation: Conversation = store.create_conversation(owner)
        store.set_chat_limits(owner, self.conversation.id, "7")
        self.message: Message = store.add_message(
            owner, self.conversation.id, role="assistant", wire={}, parent_id=None, generation_id=f"gen-{owner}"
        )
        of = {"conversation_id": self.conversation.id, "message_id": self.message.id}
        self.call: Call = store.open_call(owner, kind="chat", **of)
        store.update_call(owner, self.call.id, generation_id=f"gen-{owner}", state="stopped")

    def named(self, parameter: str) -> Any:
        ids = {"conversation_id": self.conversation.id, "message_id": self.message.id, "message": self.message}
        return (ids | {"call_id": self.call.id, "ids": [self.call.id]})[parameter]


@pytest.fixture
def mine(store: Store) -> Entered:
    return Entered(store, "ann")


@pytest.fixture
def theirs(store: Store) -> Entered:
    return Entered(store, "bob")


def call(store: Store, name: str, arguments: dict[str, Any]) -> Any:
    """What a method of the ledger says to Ann."""
    arguments = {each: PLAIN[each] for each in parameters(name) if each in PLAIN} | arguments
    known = arguments.pop("known", {})
    said = getattr(store, name)("ann", **arguments, **known)
    # The cost of a chat says which it is of.
    return (
        list(said) if isinstance(said, Iterator) else replace(said, conversation_id="") if name == "cost_of" else said
    )


@pytest.mark.parametrize("name", sorted(LEDGER))
def test_every_parameter_of_the_ledger_is_in_the_matrix(name: str):
    assert name in METHODS
    assert set(parameters(name)) - {"owner"} <= IDS | PLAIN.keys() | DEFAULTS


@pytest.mark.parametrize("name, foreign", [(name, each) for name, each in ID_PARAMETERS if name != "open_call"])
def test_a_foreign_id_changes_nothing_and_says_what_an_unknown_one_does(
    store: Store, mine: Entered, theirs: Entered, name: str, foreign: str
):
    own = {each: mine.named(each) for each in parameters(name) if each in IDS}
    unknown = {"ids": ["0" * 32], "message": replace(theirs.message, id="0" * 32)}.get(foreign, "0" * 32)
    before = everything(store)
    said = call(store, name, own | {foreign: theirs.named(foreign)})
    assert everything(store) == before
    assert said == call(store, name, own | {foreign: unknown})


@pytest.mark.parametrize("foreign", ["conversation_id", "message_id"])
def test_a_request_for_what_is_somebody_elses_is_not_entered(
    store: Store, mine: Entered, theirs: Entered, foreign: str
):
    own = {each: mine.named(each) for each in ("conversation_id", "message_id")}
    before = everything(store)
    with pytest.raises(NotFoundError):
        call(store, "open_call", own | {foreign: theirs.named(foreign)})
    assert everything(store) == before


@pytest.mark.parametrize("name", sorted(LEDGER - {name for name, _ in ID_PARAMETERS}))
def test_what_is_asked_for_without_an_id_is_ones_own(store: Store, theirs: Entered, name: str):
    before = everything(store)
    assert not call(store, name, {"wanted": "secret"} if name == "search" else {})
    assert everything(store) == before


def misled(store: Store, entered: Entered, **ids: str) -> Call:
    """A request of Ann's that names what is not hers, as an earlier orchat has let it be entered."""
    with store._writing() as connection:
        connection.execute(update(calls).where(calls.c.id == entered.call.id).values(ids))
    return next(store.every_call("ann", PLAIN["since"], PLAIN["until"]))


@pytest.mark.parametrize("by", ["message_id", "generation_id"])
@pytest.mark.parametrize("looked_up", [False, True], ids=["as it ends", "looked up"])
def test_what_a_request_has_cost_is_never_told_to_a_message_of_somebody_else(
    store: Store, mine: Entered, theirs: Entered, by: str, looked_up: bool
):
    ids = {"message_id": theirs.message.id}
    if by == "generation_id":
        ids = {"conversation_id": theirs.conversation.id, "generation_id": "gen-bob", "message_id": "gone"}
    entered = misled(store, mine, **ids)
    if looked_up:
        store.settle_call(entered, **LEARNED)
    else:
        store.update_call("ann", entered.id, **LEARNED)
    assert store.message("bob", theirs.message.id) == theirs.message
    assert [kept.cost for kept in store.every_call("ann", PLAIN["since"], PLAIN["until"])] == [Decimal(9)]


def test_a_request_for_a_chat_that_was_purged_is_entered_all_the_same(store: Store, mine: Entered):
    entered = store.open_call("ann", kind="chat", conversation_id="purged", message_id="purged too")
    store.update_call("ann", entered.id, **LEARNED)
    assert [kept.cost for kept in store.calls_of("ann", "purged")] == [Decimal(9)]


def test_a_request_for_a_temporary_chat_of_somebody_else_is_not_entered(url: str, clock: Clock):
    with DividedStore.open(url, now=clock) as store:
        chat = store.begin_temporary("bob")
        answer = store.add_message("bob", chat.id, role="assistant", wire={}, parent_id=None)
        for ids in ({"conversation_id": chat.id}, {"conversation_id": chat.id, "message_id": answer.id}):
            with pytest.raises(NotFoundError):
                store.open_call("ann", kind="chat", **ids)
        assert store.calls_of("ann", chat.id) == []
        assert store.open_call("bob", kind="chat", conversation_id=chat.id, message_id=answer.id)


def test_no_message_is_looked_for_without_an_index(store: Store, mine: Entered):
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute", lambda *about: asked.append((about[2], about[3])))
    store.open_call("ann", kind="chat", conversation_id=mine.conversation.id, message_id=mine.message.id)
    store.update_call("ann", mine.call.id, **LEARNED)
    about_messages = [(sql, values) for sql, values in asked if "UPDATE messages" in sql or "UNION" in sql]
    assert len(about_messages) == 3
    with store._engine.connect() as connection:
        if store.shared:
            # Few rows are read faster without one.
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN" if store.shared else "EXPLAIN QUERY PLAN"
        plans = [connection.exec_driver_sql(f"{explain} {sql}", values).all() for sql, values in about_messages]
    assert not [line for plan in plans for line in plan if re.search(r"\bSCAN |Seq Scan", str(line[-1]))]
