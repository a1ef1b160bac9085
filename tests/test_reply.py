from typing import Any

from orchat.events import Finished, RefusalDelta, Routed, TextDelta
from orchat.reply import Reply


def reply_to(*deltas: dict[str, Any]) -> Reply:
    reply = Reply()
    for delta in deltas:
        reply.feed({"choices": [{"delta": delta}]})
    return reply


def test_who_answers_is_told_once_and_again_when_it_changes():
    reply = Reply()
    first = {"id": "gen-1", "model": "a/b", "provider": "A", "choices": []}
    assert reply.feed(first) == [Routed("a/b", "A", "gen-1")]
    assert reply.feed(first) == []
    assert reply.feed({**first, "model": "c/d", "provider": "C"}) == [Routed("c/d", "C", "gen-1")]


def test_the_auto_router_is_nobody():
    reply = Reply()
    assert reply.feed({"id": "gen-1", "model": "openrouter/auto", "choices": []}) == []
    assert (reply.id, reply.model) == ("gen-1", None)


def test_chunks_that_name_no_model_change_nothing():
    reply = Reply()
    reply.feed({"model": "a/b", "provider": "A"})
    assert reply.feed({"choices": [], "usage": {"cost": 1}}) == []
    assert (reply.model, reply.provider) == ("a/b", "A")


def test_the_usage_chunk_may_have_no_choices():
    reply = Reply()
    reply.feed({"choices": [], "usage": {"prompt_tokens": 3}})
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == 3


def test_a_native_reason_that_comes_late_is_taken():
    reply = Reply()
    assert reply.feed({"choices": [{"finish_reason": "stop"}]}) == [Finished("stop")]
    assert reply.feed({"choices": [{"finish_reason": "stop", "native_finish_reason": "end_turn"}]}) == []
    assert reply.native_finish_reason == "end_turn"


def test_content_in_parts_is_read():
    content = [{"type": "text", "text": "Hel"}, {"type": "image_url"}, {"type": "text", "text": "lo"}]
    assert Reply().feed({"choices": [{"delta": {"content": content}}]}) == [TextDelta("Hel"), TextDelta("lo")]


def test_content_beside_tool_calls_is_null_when_empty_and_kept_when_not():
    call = {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}
    assert reply_to({"content": "", **call}).message()["content"] is None
    assert reply_to({"content": "Let me see.", **call}).message()["content"] == "Let me see."


def test_reasoning_is_shown_once_although_it_comes_twice():
    details = [{"type": "reasoning.text", "text": "Hm", "index": 0}]
    reply = reply_to({"reasoning": "Hm", "reasoning_details": details})
    assert reply.reasoning == "Hm"
    assert reply.message()["reasoning_details"] == details


def test_an_empty_list_of_reasoning_details_is_kept_and_a_missing_one_is_not_made_up():
    assert reply_to({"content": "Hi", "reasoning_details": []}).message()["reasoning_details"] == []
    assert "reasoning_details" not in reply_to({"content": "Hi"}).message()


def test_a_message_taken_early_does_not_change_later():
    reply = reply_to({"reasoning_details": [{"type": "reasoning.text", "text": "Hm", "index": 0}]})
    early = reply.message()
    reply.feed({"choices": [{"delta": {"reasoning_details": [{"type": "reasoning.text", "text": "!", "index": 0}]}}]})
    assert early["reasoning_details"][0]["text"] == "Hm"
    assert reply.message()["reasoning_details"][0]["text"] == "Hm!"


def test_annotations_without_a_url_are_told_apart_by_their_content():
    file = {"type": "file", "file": {"hash": "1"}}
    odd = {"type": "url_citation", "url_citation": None}
    reply = reply_to({"annotations": [file, odd]}, {"annotations": [file, {**file, "file": {"hash": "2"}}]})
    assert len(reply.message()["annotations"]) == 3


def test_a_refusal_is_told_and_sent_back():
    reply = Reply()
    assert reply.feed({"choices": [{"delta": {"refusal": "No."}}]}) == [RefusalDelta("No.")]
    assert reply.message()["refusal"] == "No."
    assert reply.has_answer


def test_logprobs_and_unknown_fields_of_a_choice_survive_joined():
    reply = Reply()
    for token in "ab":
        reply.feed({"choices": [{"delta": {"content": token}, "logprobs": {"content": [{"token": token}]}}]})
    reply.feed({"choices": [{"delta": {}, "logprobs": None, "new": 1}]})
    assert reply.extra["logprobs"] == {"content": [{"token": "a"}, {"token": "b"}]}
    assert reply.extra["new"] == 1


def test_no_answer_has_come_before_the_first_word():
    assert not reply_to({"role": "assistant", "content": "", "audio": None}).has_answer
    assert reply_to({"content": "H"}).has_answer
