from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, Unpack

import pytest

from orchat.store import Conversation, Message, MessageFields, Store
from orchat.store.records import State

WIRE = {
    "role": "assistant",
    "content": "Ünï¢ödé 🦜 \u2028 and a NUL \0 too",
    "reasoning_details": [{"type": "reasoning.encrypted", "data": "x==", "index": 0}],
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}],
    "annotations": [{"type": "url_citation", "url_citation": {"url": "https://example.com", "start_index": 0}}],
    "unknown": {"z": 1, "a": [1.5, None, True, 2**60]},
}
KNOWN: MessageFields = {
    "state": "failed",
    "model_asked": "openrouter/auto",
    "model_answered": "maker/model-1",
    "provider": "Provider",
    "prompt_tokens": 2**40,
    "completion_tokens": 2,
    "reasoning_tokens": 3,
    "cached_tokens": 4,
    "cost": Decimal("0.000012345678901234567890"),
    "finish_reason": "error",
    "native_finish_reason": "OTHER",
    "generation_id": "gen-1",
    "auto": True,
    "zdr": True,
    "simulated": True,
    "error": {"code": 502, "message": "broke", "advice": "again", "details": {"raw": "…"}},
    "first_token_ms": 5,
    "reasoning_ms": 6,
    "duration_ms": 7,
    "details": {"title": "Clock", "artifacts": [{"sha256": "ab"}]},
    "copied_from": "0" * 32,
}


@pytest.fixture
def conversation(store: Store) -> Conversation:
    return store.create_conversation("ann")


def add(store: Store, conversation: Conversation, **known: Unpack[MessageFields]) -> Message:
    return store.add_message("ann", conversation.id, role="assistant", wire=WIRE, parent_id=None, **known)


def test_the_round_trip_below_covers_every_field():
    place = {"id", "conversation_id", "parent_id", "role", "wire", "created_at", "saved_at"}
    defaults = {f.name: f.default for f in fields(Message) if f.name not in place}
    assert set(KNOWN) == set(defaults) == set(MessageFields.__annotations__)
    assert all(KNOWN[name] != default for name, default in defaults.items())


def test_every_field_comes_back_as_it_was_added(store: Store, conversation: Conversation):
    message = add(store, conversation, **KNOWN)
    assert store.message("ann", message.id) == message
    assert store.branch("ann", conversation.id) == [message]
    assert {name: getattr(message, name) for name in KNOWN} == KNOWN


def test_every_field_comes_back_as_it_was_saved(store: Store, conversation: Conversation):
    message = replace(add(store, conversation), wire=WIRE, role="tool", **KNOWN)
    saved = store.save_message("ann", message)
    assert store.message("ann", message.id) == saved
    assert saved.saved_at > message.saved_at
    assert replace(saved, saved_at=message.saved_at) == message


def test_a_save_that_does_not_know_the_cost_leaves_what_the_books_have_said_meanwhile(
    store: Store, conversation: Conversation
):
    message = add(store, conversation, generation_id="gen-1")
    call = store.open_call("ann", kind="agent", conversation_id=conversation.id)
    store.update_call("ann", call.id, state="done", generation_id="gen-1", cost=Decimal("0.25"), prompt_tokens=7)
    store.save_message("ann", replace(message, state="stopped"))
    kept = store.message("ann", message.id)
    assert (kept.state, kept.cost, kept.prompt_tokens) == ("stopped", Decimal("0.25"), 7)
    store.save_message("ann", replace(message, cost=Decimal(0), prompt_tokens=8))
    kept = store.message("ann", message.id)
    assert (kept.cost, kept.prompt_tokens) == (0, 8)


def test_what_is_unknown_stays_unknown(store: Store, conversation: Conversation):
    message = store.message("ann", add(store, conversation).id)
    assert (message.cost, message.prompt_tokens, message.error, message.generation_id) == (None, None, None, None)


def test_zero_is_not_unknown(store: Store, conversation: Conversation):
    message = store.message("ann", add(store, conversation, cost=Decimal(0), prompt_tokens=0).id)
    assert (message.cost, message.prompt_tokens) == (Decimal(0), 0)


def test_the_keys_of_the_wire_message_keep_their_order(store: Store, conversation: Conversation):
    wire = store.message("ann", add(store, conversation).id).wire
    assert list(wire) == list(WIRE)
    assert list(wire["unknown"]) == ["z", "a"]


def test_saving_does_not_move_a_message(store: Store, conversation: Conversation):
    first = add(store, conversation)
    second = store.add_message("ann", conversation.id, role="user", wire=WIRE, parent_id=first.id)
    store.save_message("ann", replace(second, parent_id=None))
    assert store.branch("ann", conversation.id)[0] == first


def test_cutting_off_marks_a_streaming_answer_and_keeps_its_text(store: Store, conversation: Conversation):
    message = add(store, conversation, state="streaming")
    assert store.cut_off("ann", message.id) == replace(message, state="cut_off")


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_cutting_off_leaves_an_ended_answer_alone(store: Store, conversation: Conversation, state: State):
    message = add(store, conversation, state=state)
    assert store.cut_off("ann", message.id) == message


@pytest.mark.parametrize(
    "content, text",
    [
        ("plain", "plain"),
        (None, ""),
        (
            [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "b"}],
            "a\nb",
        ),
    ],
)
def test_the_text_is_what_can_be_read_of_the_content(store: Store, conversation: Conversation, content: Any, text: str):
    message = add(store, conversation)
    assert replace(message, wire={"content": content}).text == text


def test_a_message_without_content_has_no_text(store: Store, conversation: Conversation):
    assert replace(add(store, conversation), wire={"role": "assistant"}).text == ""
