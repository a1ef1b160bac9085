"""The ledger: what is entered stays, whatever becomes of the conversation, and unknown is never taken for nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from orchat.store import Call, Store, schema
from orchat.store.call_records import CallState
from orchat.store.calls import ABANDONED, MOST_LOOKUPS
from tests.store.clock import Clock


def ended(store: Store, chat: str = "gone", **known: object) -> Call:
    call = store.open_call("ann", kind="chat", conversation_id=chat, model_asked="a/b")
    store.update_call("ann", call.id, **known)
    return next(kept for kept in store.calls_of("ann", chat) if kept.id == call.id)


def test_what_is_entered_is_what_is_read(store: Store, clock: Clock):
    sent = {"messages": 3, "tools": ["clock"]}
    call = store.open_call("ann", kind="agent", conversation_id="c", message_id="m", zdr=True, sent=sent)
    assert store.calls_of("ann", "c") == [call]
    assert (call.state, call.cost, call.unknown, call.day) == ("open", None, True, date(2026, 3, 1))
    known = {"state": "done", "cost": Decimal("0.000012345678"), "charged": Decimal(0), "own_key": True}
    store.update_call("ann", call.id, **known)
    assert store.calls_of("ann", "c") == [replace(call, **known)]


def test_a_cost_that_is_known_is_not_forgotten_by_a_later_entry(store: Store):
    call = ended(store, state="done", cost=Decimal("0.01"))
    store.update_call("ann", call.id, cost=None, provider="Azure")
    [kept] = store.calls_of("ann", "gone")
    assert (kept.cost, kept.provider) == (Decimal("0.01"), "Azure")


def test_what_was_spent_is_known_after_the_conversation_is_deleted_and_purged(store: Store):
    chat = store.create_conversation("ann")
    call = ended(store, chat.id, state="done", cost=Decimal("0.01"))
    store.delete("ann", chat.id)
    store.purge_deleted(timedelta(seconds=-10))
    assert store.calls_of("ann", chat.id) == [call]


def test_what_openrouter_says_later_is_entered_once_and_with_the_message_too(store: Store):
    chat = store.create_conversation("ann")
    wire = {"role": "assistant", "content": "half an ans"}
    message = store.add_message(
        "ann", chat.id, role="assistant", wire=wire, parent_id=None, state="stopped", generation_id="gen-1"
    )
    call = ended(store, chat.id, state="stopped", generation_id="gen-1")
    store.settle_call(call, cost=Decimal("0.02"), completion_tokens=7, provider="Azure")
    store.settle_call(call, cost=Decimal("0.99"))
    [kept] = store.calls_of("ann", chat.id)
    assert (kept.cost, kept.state, kept.provider, kept.lookups) == (Decimal("0.02"), "stopped", "Azure", 1)
    settled = store.message("ann", message.id)
    assert (settled.cost, settled.completion_tokens, settled.state) == (Decimal("0.02"), 7, "stopped")


def test_an_answer_that_lost_its_process_before_it_knew_its_id_learns_its_cost_too(store: Store):
    chat = store.create_conversation("ann")
    message = store.add_message("ann", chat.id, role="assistant", wire={}, parent_id=None, state="streaming")
    call = store.open_call("ann", kind="chat", conversation_id=chat.id, message_id=message.id)
    store.update_call("ann", call.id, generation_id="gen-1")
    [left] = store.unsettled_calls()
    store.settle_call(left)
    assert store.calls_of("ann", chat.id)[0].state == "open"
    store.settle_call(left, cost=Decimal("0.02"))
    assert store.calls_of("ann", chat.id)[0].state == "cut_off"
    assert store.message("ann", message.id).cost == Decimal("0.02")


def test_an_answer_knows_what_it_cost_as_soon_as_the_ledger_does(store: Store):
    chat = store.create_conversation("ann")
    message = store.add_message("ann", chat.id, role="assistant", wire={}, parent_id=None, state="streaming")
    call = store.open_call("ann", kind="chat", conversation_id=chat.id, message_id=message.id)
    store.update_call("ann", call.id, state="done", cost=Decimal("0.02"), prompt_tokens=5)
    assert store.message("ann", message.id) == replace(message, cost=Decimal("0.02"), prompt_tokens=5)


def test_an_answer_that_was_taken_out_meanwhile_knows_what_it_cost_when_it_is_brought_back(store: Store):
    chat = store.create_conversation("ann")
    question = store.add_message("ann", chat.id, role="user", wire={}, parent_id=None)
    answer = store.add_message("ann", chat.id, role="assistant", wire={}, parent_id=question.id, state="stopped")
    call = store.open_call("ann", kind="chat", conversation_id=chat.id, message_id=answer.id)
    store.update_call("ann", call.id, state="stopped", generation_id="gen-1")
    removed = store.remove("ann", answer.id)
    store.settle_call(store.unsettled_calls()[0], cost=Decimal("0.02"))
    store.bring_back("ann", removed)
    assert store.message("ann", answer.id).cost == Decimal("0.02")


def test_vectors_that_have_no_id_are_not_charged_to_the_messages_of_their_chat(store: Store):
    chat = store.create_conversation("ann")
    question = store.add_message("ann", chat.id, role="user", wire={}, parent_id=None)
    answer = store.add_message("ann", chat.id, role="assistant", wire={}, parent_id=question.id, state="streaming")
    call = store.open_call("ann", kind="embedding", conversation_id=chat.id)
    store.update_call("ann", call.id, state="done", cost=Decimal("0.02"), prompt_tokens=5)
    assert store.all_messages("ann", chat.id) == [question, answer]
    assert store.cost_of("ann", chat.id).cost == Decimal("0.02")


@pytest.mark.parametrize("state", ["open", "done", "stopped", "failed", "cut_off"])
def test_a_request_without_a_cost_is_looked_up_for_a_day(store: Store, clock: Clock, state: CallState):
    call = ended(store, state=state, generation_id="gen-1")
    assert store.unsettled_calls() == [call]
    assert store.unpriced_calls("ann", [call.id]) == [call]
    clock.advance(timedelta(days=1))
    assert store.unsettled_calls() == []


def test_what_cannot_be_looked_up_or_costs_nothing_is_not_looked_up(store: Store):
    ended(store, state="stopped")
    ended(store, state="refused", generation_id="gen-1")
    ended(store, state="stopped", generation_id="gen-2", cost=Decimal(0))
    store.update_call("ann", store.open_call("ann", kind="chat", simulated=True).id, generation_id="gen-3")
    assert store.unsettled_calls() == []


def test_what_openrouter_never_knows_does_not_stand_in_the_way_of_others(store: Store):
    lost = ended(store, state="stopped", generation_id="gen-1")
    store.settle_call(lost)
    newer = ended(store, state="stopped", generation_id="gen-2")
    assert [call.id for call in store.unsettled_calls(limit=1)] == [newer.id]
    for _ in range(MOST_LOOKUPS):
        store.settle_call(lost)
    assert [call.id for call in store.unsettled_calls()] == [newer.id]


def test_what_has_been_open_for_hours_counts_as_cut_off_and_stays_unknown(store: Store, clock: Clock):
    ended(store, state="open")
    assert store.close_abandoned_calls() == 0
    clock.advance(ABANDONED)
    assert store.close_abandoned_calls() == 1
    [call] = store.calls_of("ann", "gone")
    assert (call.state, call.unknown) == ("cut_off", True)


def test_the_migration_enters_what_messages_and_titles_have_cost(url: str):
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(schema._MIGRATIONS))
        command.upgrade(config, "0002")
        moment = "'2026-03-01 12:00:00'"
        rest = "NULL, NULL, '{}', '0.0003'"
        connection.execute(
            text(f"INSERT INTO conversations VALUES ('c', 'ann', '', '', 'chat', {moment}, {moment}, {rest})")
        )
        columns = "id, conversation_id, role, wire, state, cost, generation_id, auto, zdr, simulated"
        columns += ", created_at, saved_at"
        for name, state, cost, generation in (
            ("a", "done", "'0.25'", "'gen-1'"),
            ("b", "stopped", "NULL", "'gen-2'"),
            ("d", "failed", "NULL", "NULL"),
        ):
            row = f"'{name}', 'c', 'assistant', '{{}}', '{state}', {cost}, {generation}, false, true, false"
            connection.execute(text(f"INSERT INTO messages ({columns}) VALUES ({row}, {moment}, {moment})"))
    engine.dispose()
    with Store.open(url) as store:
        found = [(call.message_id, call.kind, call.state, call.cost, call.zdr) for call in store.calls_of("ann", "c")]
        assert found == [
            ("a", "chat", "done", Decimal("0.25"), True),
            ("b", "chat", "stopped", None, True),
            (None, "earlier", "done", Decimal("0.0003"), False),
        ]
        assert store.calls_of("ann", "c")[0].day == date(2026, 3, 1)
        assert store.open_call("ann", kind="chat")
