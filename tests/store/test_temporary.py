"""Temporary chats: the same store in memory, and not a word of them in the database."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from orchat.errors import NotFoundError
from orchat.store import Conversation, DividedStore, Message, Store
from orchat.store.audit import AuditStore
from orchat.store.calls import CallStore
from orchat.store.forks import ForkStore
from orchat.store.imports import ImportStore
from orchat.store.people import PeopleStore
from orchat.store.presets import PresetStore
from orchat.store.retention import RetentionStore
from orchat.store.search import SearchStore
from orchat.store.setting_changes import SettingChangeStore
from orchat.store.spending import SpendingStore
from orchat.store.temporary import OF_A_CHAT
from orchat.store.upkeep import Upkeep
from orchat.temporary import is_temporary
from tests.store.clock import Clock

KEPT = {
    *(AuditStore, CallStore, ForkStore, ImportStore, PeopleStore, PresetStore, RetentionStore),
    *(SearchStore, SettingChangeStore, SpendingStore, Upkeep),
}
"""The parts of the store that have nothing of what a chat says, or only of chats that are kept."""
WORDS = "quagga-7f3e in the moonlight"


@pytest.fixture
def divided(url: str, clock: Clock) -> Iterator[DividedStore]:
    with DividedStore.open(url, now=clock) as store:
        yield store


@pytest.fixture
def chat(divided: DividedStore) -> Conversation:
    return divided.begin_temporary("ann", settings={"zdr": True})


def say(store: Store, chat: Conversation, text: str = WORDS, parent: str | None = None) -> Message:
    return store.add_message(
        "ann", chat.id, role="user", wire={"role": "user", "content": text}, parent_id=parent, generation_id="gen-1"
    )


def test_every_part_of_the_store_is_known_to_belong_to_chats_or_not():
    assert set(Store.__bases__) == set(OF_A_CHAT) | KEPT


def test_what_a_temporary_chat_says_is_found_again_by_the_same_methods(divided: DividedStore, chat: Conversation):
    question = say(divided, chat)
    answer = say(divided, chat, "An answer", question.id)
    assert is_temporary(chat)
    assert is_temporary(question)
    assert [message.text for message in divided.branch("ann", chat.id)] == [WORDS, "An answer"]
    assert divided.message("ann", answer.id).parent_id == question.id
    assert divided.update_settings("ann", chat.id, {"model": "m"}).settings == {"zdr": True, "model": "m"}
    divided.save_checkpoint("ann", chat.id, question.id, b"resting")
    assert divided.checkpoint("ann", question.id) == b"resting"
    file = divided.add_file("ann", chat.id, name="a.txt", mime="text/plain", kind="attachment", data=WORDS.encode())
    assert divided.file_data("ann", file.sha256) == WORDS.encode()


def test_nothing_of_it_is_in_the_database(divided: DividedStore, chat: Conversation, url: str, tmp_path: Path):
    question = say(divided, chat)
    divided.add_file("ann", chat.id, name="a.txt", mime="text/plain", kind="attachment", data=WORDS.encode())
    divided.save_checkpoint("ann", chat.id, question.id, WORDS.encode())
    divided.rename("ann", chat.id, WORDS)
    assert divided.conversations("ann") == []
    assert divided.search("ann", "quagga") == []
    with Store.open(url) as database, pytest.raises(NotFoundError):
        database.conversation("ann", chat.id)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and WORDS.encode() in file.read_bytes()]


def test_it_belongs_to_its_owner_alone(divided: DividedStore, chat: Conversation):
    question = say(divided, chat)
    for read in (divided.conversation, divided.branch, divided.files):
        with pytest.raises(NotFoundError):
            read("bob", chat.id)
    with pytest.raises(NotFoundError):
        divided.message("bob", question.id)
    divided.temporary.forget("bob", chat.id)
    assert divided.branch("ann", chat.id) == [question]


def test_what_it_costs_is_in_the_ledger_and_told_to_its_message(divided: DividedStore, chat: Conversation):
    answer = say(divided, chat)
    call = divided.open_call("ann", kind="chat", conversation_id=chat.id, message_id=answer.id)
    divided.update_call("ann", call.id, state="done", generation_id="gen-1", cost=Decimal("0.25"))
    assert divided.message("ann", answer.id).cost == Decimal("0.25")
    divided.temporary.forget("ann", chat.id)
    [spent] = divided.spending_by_chat("ann", call.day, call.day)
    assert (is_temporary(spent.conversation_id), spent.title, spent.cost) == (True, None, Decimal("0.25"))


def test_a_cost_that_is_looked_up_later_is_told_to_its_message_too(divided: DividedStore, chat: Conversation):
    answer = say(divided, chat)
    call = divided.open_call("ann", kind="chat", conversation_id=chat.id, message_id=answer.id)
    divided.update_call("ann", call.id, state="stopped", generation_id="gen-1")
    [unpriced] = divided.unpriced_calls("ann", [call.id])
    divided.settle_call(unpriced, cost=Decimal("0.50"))
    assert divided.message("ann", answer.id).cost == Decimal("0.50")
    assert divided.cost_of("ann", chat.id).cost == Decimal("0.50")


def test_all_temporary_chats_count_as_one_in_what_was_spent(divided: DividedStore, clock: Clock):
    kept = divided.create_conversation("ann")
    ids = [divided.begin_temporary("ann").id, divided.begin_temporary("ann").id, kept.id]
    for conversation_id in ids:
        call = divided.open_call("ann", kind="chat", conversation_id=conversation_id)
        divided.update_call("ann", call.id, state="done", cost=Decimal(1))
    spent = divided.spending_by_chat("ann", call.day, call.day)
    assert [(chat.title, chat.requests) for chat in spent] == [(None, 2), ("", 1)]


def test_forgotten_it_is_gone_with_files_and_all(divided: DividedStore, chat: Conversation):
    question = say(divided, chat)
    file = divided.add_file("ann", chat.id, name="a", mime="text/plain", kind="attachment", data=b"x")
    divided.save_checkpoint("ann", chat.id, question.id, b"resting")
    divided.temporary.forget("ann", chat.id)
    with pytest.raises(NotFoundError):
        divided.conversation("ann", chat.id)
    with pytest.raises(NotFoundError):
        divided.file_data("ann", file.sha256)
    assert divided.checkpoint("ann", question.id) is None


def test_one_that_nobody_uses_is_found_after_a_while(divided: DividedStore, chat: Conversation, clock: Clock):
    clock.advance(timedelta(hours=3))
    used = divided.begin_temporary("ann")
    assert divided.unused_temporary(timedelta(hours=2)) == [("ann", chat.id)]
    assert divided.unused_temporary(timedelta(hours=4)) == []
    assert used.id != chat.id


def test_kept_it_is_a_chat_like_every_other(divided: DividedStore, chat: Conversation):
    question = say(divided, chat)
    shown = say(divided, chat, "One answer", question.id)
    say(divided, chat, "Another answer", question.id)
    divided.set_leaf("ann", chat.id, shown.id)
    divided.rename("ann", chat.id, "Quaggas", source="words")
    file = divided.add_file("ann", chat.id, name="a.txt", mime="text/plain", kind="attachment", data=b"bytes")
    call = divided.open_call("ann", kind="chat", conversation_id=chat.id, message_id=shown.id)
    divided.update_call("ann", call.id, state="done", generation_id="gen-1", cost=Decimal(1))
    kept = divided.keep("ann", chat.id)
    divided.temporary.forget("ann", chat.id)
    assert not is_temporary(kept)
    assert kept.title == "Quaggas"
    assert kept.settings == {"zdr": True}
    assert [message.text for message in divided.branch("ann", kept.id)] == [WORDS, "One answer"]
    assert len(divided.all_messages("ann", kept.id)) == 3
    assert [found.sha256 for found in divided.files("ann", kept.id)] == [file.sha256]
    assert divided.file_data("ann", file.sha256) == b"bytes"
    assert divided.cost_of("ann", kept.id).cost == 1
    assert divided.call_of("ann", divided.branch("ann", kept.id)[-1]) is not None
    assert [found.id for found in divided.conversations("ann")] == [kept.id]
