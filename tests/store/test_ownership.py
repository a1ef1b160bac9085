"""Every public method, called with the id of somebody else's conversation or message.

The calls are generated from the methods of the store: a new method without an owner, or with a parameter that is not
known here, fails these tests until it has been thought about.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from orchat.errors import NotFoundError, StoreError
from orchat.store import Conversation, Message, Preset, Store
from orchat.store.tables import metadata

FOR_EVERYBODY = {"open", "close", "ping", "everybody", "audited", "purge_deleted", "recover"}
FOR_EVERYBODY |= {"settle_call", "unsettled_calls", "close_abandoned_calls", "all_user_limits"}
FOR_EVERYBODY |= {"outdated", "purge_outdated", "departure", "remove_person"}
FOR_EVERYBODY |= {"look_at_retention", "retention_hold"}
FOR_EVERYBODY |= {"settings_set", "set_setting", "settings_changed", "setting_change"}
LEDGER = {"open_call", "update_call", "calls_of", "unpriced_calls"}
LEDGER |= {
    "budget_states",
    "call_of",
    "search",
    "spending",
    "first_tokens",
    "spending_by_chat",
    "cost_of",
    "every_call",
}
"""The ledger outlives conversations: what it says of a foreign or a forgotten one is nothing, which has a matrix of
its own in `test_ledger_ownership.py`."""
BY_NAME = {"preference", "save_preference", "checkpoint", "delete_checkpoint", "file_data"}
BY_NAME |= {"user_limits", "set_user_limits", "sealed", "save_sealed", "seal_first", "meet", "block", "note"}
BY_NAME |= {"is_blocked", "take_turn", "kept_bytes", "conversation_ids", "note_refused"}
"""What is asked for by a name of the owner's: foreign ones are tested by themselves, below."""
WITHOUT_ID = {"create_conversation", "conversations", "add_conversations", "create_preset", "presets", "every_tag"}
WITHOUT_ID |= {"overview"}
WITHOUT_ID |= BY_NAME | LEDGER
IDS = {"conversation_id", "message_id", "leaf_id", "parent_id", "message", "preset_id", "removed_id"}
PLAIN = {
    "title": "taken over",
    "source": "user",
    "settings": {"zdr": False},
    "role": "user",
    "wire": {"content": "smuggled in"},
    "known": {"state": "done"},
    "name": "page.html",
    "mime": "text/html",
    "kind": "html",
    "data": b"smuggled in",
    "thread_id": "thread",
    "limits": "5/day",
    "icon": "🙂",
    "content": {"system_prompt": "smuggled in"},
    "shared": True,
    "operator": False,
    "most": 5,
    "among": ["0" * 32],
    "last_id": None,
    "pinned": True,
    "archived": True,
    "names": ["work"],
    "thumb": "down",
    "note": "smuggled in",
}

NOT_THERE = r"^There is no such (conversation|preset)\.$"

METHODS: dict[str, Callable[..., Any]] = {
    name: method for name, method in inspect.getmembers(Store, callable) if not name.startswith("_")
}


def parameters(name: str) -> list[str]:
    return [parameter for parameter in inspect.signature(METHODS[name]).parameters if parameter != "self"]


def id_parameters() -> list[tuple[str, str]]:
    names = sorted(METHODS.keys() - FOR_EVERYBODY - WITHOUT_ID)
    return [(name, parameter) for name in names for parameter in parameters(name) if parameter in IDS]


@dataclass
class Belongings:
    """One person's conversation, a message in it, another that was taken out of it, and a preset."""

    conversation: Conversation
    message: Message
    preset: Preset
    removed: str

    def named(self, parameter: str) -> Any:
        if parameter == "conversation_id":
            return self.conversation.id
        if parameter == "preset_id":
            return self.preset.id
        if parameter == "removed_id":
            return self.removed
        return self.message if parameter == "message" else self.message.id


def belongings(store: Store, owner: str) -> Belongings:
    conversation = store.create_conversation(owner)
    message = store.add_message(
        owner, conversation.id, role="assistant", wire={"content": "secret"}, parent_id=None, state="streaming"
    )
    preset = store.create_preset(owner, "Mine", {"system_prompt": "secret"})
    wire = {"content": "taken back"}
    regretted = store.add_message(owner, conversation.id, role="user", wire=wire, parent_id=message.id)
    removed = store.remove(owner, regretted.id)
    return Belongings(store.conversation(owner, conversation.id), message, preset, removed)


@pytest.fixture
def mine(store: Store) -> Belongings:
    return belongings(store, "ann")


@pytest.fixture
def theirs(store: Store) -> Belongings:
    return belongings(store, "bob")


def call(store: Store, name: str, arguments: dict[str, Any]) -> Any:
    arguments = {parameter: PLAIN[parameter] for parameter in parameters(name) if parameter in PLAIN} | arguments
    known = arguments.pop("known", {})
    return getattr(store, name)(owner="ann", **arguments, **known)


def everything(store: Store) -> list[Any]:
    with store._engine.connect() as connection:
        return [connection.execute(select(table)).all() for table in metadata.sorted_tables]


@pytest.mark.parametrize("name", sorted(METHODS.keys() - FOR_EVERYBODY))
def test_every_method_names_its_owner_first(name: str):
    assert parameters(name)[0] == "owner"


@pytest.mark.parametrize("name", sorted(METHODS.keys() - FOR_EVERYBODY - WITHOUT_ID))
def test_every_other_parameter_is_in_the_matrix(name: str):
    assert set(parameters(name)) - {"owner"} <= IDS | PLAIN.keys()
    assert set(parameters(name)) & IDS


@pytest.mark.parametrize("name", sorted(METHODS.keys() - FOR_EVERYBODY - WITHOUT_ID))
def test_the_same_call_works_with_ones_own_ids(store: Store, mine: Belongings, name: str):
    call(store, name, {parameter: mine.named(parameter) for parameter in parameters(name) if parameter in IDS})


@pytest.mark.parametrize("name, foreign", id_parameters())
def test_a_foreign_id_is_not_found_and_nothing_changes(
    store: Store, mine: Belongings, theirs: Belongings, name: str, foreign: str
):
    owners = {parameter: theirs if parameter == foreign else mine for parameter in parameters(name) if parameter in IDS}
    before = everything(store)
    with pytest.raises(NotFoundError, match=NOT_THERE):
        call(store, name, {parameter: owner.named(parameter) for parameter, owner in owners.items()})
    assert everything(store) == before


@pytest.mark.parametrize("name, foreign", id_parameters())
def test_an_unknown_id_cannot_be_told_from_a_foreign_one(store: Store, mine: Belongings, name: str, foreign: str):
    arguments = {parameter: mine.named(parameter) for parameter in parameters(name) if parameter in IDS}
    before = everything(store)
    for unknown in ("0" * 32, "", "\0", "\ud800", "' OR 1=1 --"):
        arguments[foreign] = replace(mine.message, id=unknown) if foreign == "message" else unknown
        with pytest.raises(NotFoundError, match=NOT_THERE):
            call(store, name, arguments)
    assert everything(store) == before


def test_a_message_cannot_be_saved_into_a_foreign_conversation(store: Store, mine: Belongings, theirs: Belongings):
    for conversation_id in (theirs.conversation.id, "unknown"):
        with pytest.raises(NotFoundError):
            store.save_message("ann", replace(mine.message, conversation_id=conversation_id))


def test_the_list_shows_nothing_of_others(store: Store, mine: Belongings, theirs: Belongings):
    assert store.conversations("ann") == [mine.conversation]
    assert store.conversations("ann", before=theirs.conversation) == [mine.conversation]
    assert store.conversations("") == []
    seen = store.overview("ann", most=9, most_pinned=9)
    assert (seen.pinned, seen.others, seen.archived) == ([], [mine.conversation], False)


def test_files_of_others_are_not_found(store: Store, mine: Belongings, theirs: Belongings):
    file = store.add_file("bob", theirs.conversation.id, name="a", mime="text/plain", kind="text", data=b"secret")
    assert store.file_data("bob", file.sha256) == b"secret"
    with pytest.raises(NotFoundError):
        store.file_data("ann", file.sha256)


def test_checkpoints_of_others_are_neither_read_nor_deleted_nor_replaced(
    store: Store, mine: Belongings, theirs: Belongings
):
    store.save_checkpoint("bob", theirs.conversation.id, "thread", b"secret")
    assert store.checkpoint("ann", "thread") is None
    store.delete_checkpoint("ann", "thread")
    with pytest.raises(StoreError):
        store.save_checkpoint("ann", mine.conversation.id, "thread", b"mine")
    assert store.checkpoint("bob", "thread") == b"secret"


def test_the_ledger_shows_and_changes_nothing_of_others(store: Store, theirs: Belongings):
    call = store.open_call("bob", kind="chat", conversation_id=theirs.conversation.id)
    store.update_call("bob", call.id, generation_id="gen-1", state="stopped")
    store.update_call("ann", call.id, cost=Decimal(1), generation_id="gen-2")
    [kept] = store.calls_of("bob", theirs.conversation.id)
    assert (kept.cost, kept.generation_id) == (None, "gen-1")
    assert store.calls_of("ann", theirs.conversation.id) == []
    assert store.call_of("ann", replace(theirs.message, generation_id="gen-1")) is None
    assert store.call_of("bob", replace(theirs.message, generation_id="gen-1")) == kept
    assert store.unpriced_calls("ann", [call.id]) == []


def test_preferences_of_others_are_others(store: Store):
    store.save_preference("bob", "colour", "red")
    assert store.preference("ann", "colour") is None
    store.save_preference("ann", "colour", None)
    assert store.preference("bob", "colour") == "red"


def test_what_others_keep_encrypted_is_theirs(store: Store):
    store.save_sealed("bob", "openrouter", b"sealed")
    assert store.sealed("ann", "openrouter") is None
    store.save_sealed("ann", "openrouter", None)
    assert store.sealed("bob", "openrouter") == b"sealed"
    assert store.seal_first("ann", "openrouter", b"hers", beside="known", value={"by": "ann"})
    assert not store.seal_first("ann", "openrouter", b"later", beside="known", value={"by": "another"})
    assert store.sealed("ann", "openrouter") == b"hers"
    assert store.preference("ann", "known") == {"by": "ann"}
    assert store.sealed("bob", "openrouter") == b"sealed"
    assert store.preference("bob", "known") is None


def test_tags_of_others_are_others(store: Store, mine: Belongings, theirs: Belongings):
    store.set_tags("bob", theirs.conversation.id, ["Secret"])
    assert store.every_tag("ann") == {}
    assert store.conversations("ann", tag="Secret") == []
    seen = store.overview("ann", most=9, most_pinned=9, tag="Secret")
    assert (seen.others, seen.tags) == ([], {})
    assert store.set_tags("ann", mine.conversation.id, ["secret"]) == ["secret"]


def test_a_part_of_a_branch_never_begins_in_a_foreign_conversation(store: Store, mine: Belongings, theirs: Belongings):
    part = store.branch_part("ann", mine.conversation.id, most=5, last_id=theirs.message.id)
    assert part.messages == [mine.message]


def test_who_is_locked_out_is_nobody_else(store: Store):
    for owner in ("ann", "bob"):
        store.meet(owner, name=owner, email="", role="user")
    store.block("bob", blocked=True)
    assert [store.is_blocked(owner) for owner in ("ann", "bob", "somebody")] == [False, True, False]
