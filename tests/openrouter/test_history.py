from typing import Any

from orchat.openrouter.history import sendable

QUESTION = ({"role": "user", "content": "Hello?"}, None)
DETAILS = [{"type": "reasoning.text", "text": "Hm", "signature": "s"}]
THOUGHT: dict[str, Any] = {"role": "assistant", "content": "Hi.", "reasoning": "Hm", "reasoning_details": DETAILS}


def test_messages_go_out_as_they_came():
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]}
    result = {"role": "tool", "tool_call_id": "a", "content": ""}
    messages = [QUESTION, (call, "a/b"), (result, None)]
    assert sendable(messages, "a/b") == [message for message, _ in messages]


def test_answers_without_anything_in_them_are_left_out():
    assert sendable([QUESTION, ({"role": "assistant", "content": ""}, "a/b")], "a/b") == [QUESTION[0]]


def test_reasoning_goes_back_to_its_maker_only_and_never_as_text():
    thought = [(THOUGHT, "anthropic/claude-4.6-sonnet-20260217")]
    (same,) = sendable(thought, "anthropic/claude-opus-5:nitro")
    assert same == {"role": "assistant", "content": "Hi.", "reasoning_details": DETAILS}
    for other in ("openai/gpt-6", "openrouter/auto", None):
        assert "reasoning_details" not in sendable(thought, other)[0]


def test_an_alias_is_its_maker_too():
    assert "reasoning_details" in sendable([(THOUGHT, "anthropic/claude-5")], "~anthropic/claude-latest")[0]
