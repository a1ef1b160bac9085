"""Streams in the shapes that OpenRouter has sent, and what has to become of them."""

from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.errors import EmptyReplyError, OpenRouterError, StreamTruncatedError, UpstreamError
from orchat.events import AnnotationAdded, Event, Finished, ImageAdded, Routed, TextDelta, ToolCallDelta, Waiting
from orchat.openrouter.parser import ReplyParser
from orchat.reply import Reply
from tests.openrouter.chunks import RECORDED, pieces_of

Outcome = tuple[list[Event], Reply, str | None]
GREETING = "Grüße, Welt 👋🏽\u2028neu\u2029 \u0085 fin."


def outcome(*pieces: bytes) -> Outcome:
    """What a stream gives: its events, the reply, and the name of the error it ends with."""
    parser, events, error = ReplyParser(), [], None
    try:
        for piece in pieces:
            events += parser.feed(piece)
        events += parser.close()
    except OpenRouterError as raised:
        error = type(raised).__name__
    return events, parser.reply, error


def read(name: str) -> tuple[list[Event], Reply]:
    parser = ReplyParser()
    return [*parser.feed(RECORDED[name]), *parser.close()], parser.reply


@given(st.sampled_from(sorted(RECORDED)), st.data())
def test_any_cut_of_a_recorded_stream_gives_the_same_events_reply_and_error(name: str, draw: st.DataObject):
    stream = RECORDED[name]
    events, reply, error = outcome(*pieces_of(stream, draw))
    whole_events, whole_reply, whole_error = outcome(stream)
    assert (events, error) == (whole_events, whole_error)
    assert contents(reply) == contents(whole_reply)


def contents(reply: Reply) -> tuple[Any, ...]:
    ends = (reply.finish_reason, reply.native_finish_reason, reply.usage)
    return (reply.id, reply.model, reply.provider, *ends, reply.message(), reply.extra)


@pytest.mark.parametrize("name", [name for name in RECORDED if name.startswith("plain")])
def test_every_shape_of_the_usage_chunk_gives_text_cost_and_one_end(name: str):
    events, reply = read(name)
    assert reply.text == "".join(event.text for event in events if isinstance(event, TextDelta)) == GREETING
    assert reply.usage is not None
    assert str(reply.usage.cost) in {"0.000087", "0.0000870", "8.7E-5"}
    assert [event for event in events if isinstance(event, Finished)] == [Finished("stop", "stop")]
    assert reply.message() == {"role": "assistant", "content": GREETING}


def test_comments_become_waiting_events_also_between_data():
    events, _ = read("plain_usage_with_null_finish")
    kinds = [kind for kind, _ in groupby(type(event) for event in events)]
    assert kinds[0] is Waiting
    assert kinds.count(Waiting) > 1
    assert Waiting("OPENROUTER PROCESSING") in events


def test_a_finish_reason_that_comes_twice_counts_once():
    events, reply = read("length_twice")
    assert [event for event in events if isinstance(event, Finished)] == [Finished("length", "max_tokens")]
    assert (reply.finish_reason, reply.native_finish_reason) == ("length", "max_tokens")


def test_anthropic_reasoning_is_one_signed_block_and_its_text_is_not_the_answer():
    _, reply = read("reasoning_anthropic")
    assert (reply.text, reply.reasoning) == ("It is 42.", "Let me think: 6 × 7.")
    assert reply.message()["reasoning_details"] == [
        {
            "type": "reasoning.text",
            "text": "Let me think: 6 × 7.",
            "signature": "EqQBCkgIBxABGAIiQL",
            "format": "anthropic-claude-v1",
            "index": 0,
        }
    ]


def test_openai_summaries_are_joined_and_the_encrypted_block_stays_whole_and_single():
    _, reply = read("reasoning_openai")
    summary, encrypted = reply.message()["reasoning_details"]
    assert summary["summary"] == reply.reasoning == "**Adding up**\n\nSix sevens."
    assert (encrypted["data"], encrypted["id"]) == ("gAAAAABpX1", "rs_1")


def test_gemini_keeps_text_and_encrypted_block_of_one_index_apart():
    _, reply = read("reasoning_gemini")
    message = reply.message()
    assert [entry["type"] for entry in message["reasoning_details"]] == ["reasoning.text", "reasoning.encrypted"]
    assert message["content"] is None
    assert message["tool_calls"][0]["function"] == {"name": "lookup", "arguments": '{"q":"ä"}'}


@pytest.mark.parametrize("name", [name for name in RECORDED if name.startswith("tools")])
def test_parallel_tool_calls_come_apart_however_they_are_numbered(name: str):
    events, reply = read(name)
    assert reply.message()["tool_calls"] == [
        {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Köln"}'}},
        {"id": "call_b", "type": "function", "function": {"name": "time", "arguments": '{"tz": "CET"}'}},
    ]
    pieces = [event for event in events if isinstance(event, ToolCallDelta)]
    assert {(piece.position, piece.id) for piece in pieces} == {(0, "call_a"), (1, "call_b")}
    assert reply.finish_reason == "tool_calls"


def test_citations_come_before_the_text_and_once_for_each_url():
    events, reply = read("citations")
    kinds = [type(event) for event in events if isinstance(event, AnnotationAdded | TextDelta)]
    assert kinds == [AnnotationAdded, AnnotationAdded, TextDelta]
    urls = [annotation["url_citation"]["url"] for annotation in reply.message()["annotations"]]
    assert urls == ["https://a.example/1", "https://b.example/2"]


def test_images_are_kept_as_they_came():
    events, reply = read("images")
    assert [event.image for event in events if isinstance(event, ImageAdded)] == reply.message()["images"]
    assert reply.images[0]["image_url"]["url"].startswith("data:image/png;base64,")


def test_a_refusal_is_an_answer_of_its_own():
    _, reply = read("refusal")
    assert (reply.text, reply.refusal) == ("", "I can’t help with that.")
    assert reply.message()["refusal"] == reply.refusal


def test_a_debug_chunk_without_choices_is_survived_and_kept():
    _, reply = read("debug_echo")
    assert reply.text == GREETING
    assert reply.extra["debug"]["echo_upstream_body"]["model"] == "gpt-4o-mini"
    assert reply.extra["openrouter_metadata"] == {"strategy": "direct", "attempt": 1}


def test_the_model_that_the_auto_router_chose_is_known_before_its_first_word():
    events, reply = read("auto_router")
    told = [event for event in events if isinstance(event, Routed | TextDelta)]
    assert told[0] == Routed("anthropic/claude-4.6-sonnet-20260217", "Anthropic", "gen-1786680764-AbC")
    assert reply.model == "anthropic/claude-4.6-sonnet-20260217"


def test_unknown_fields_survive():
    _, reply = read("unknown_fields")
    message: Any = reply.message()
    assert message["audio"] == {"data": "AAAABBBB", "transcript": "Hi"}
    assert reply.extra == {"new_field": 2, "service_tier": "flex"}


@pytest.mark.parametrize(
    "name,kind,status,says",
    [
        ("error_with_choice", "RateLimitedError", 429, "Rate limit exceeded"),
        ("error_with_word_as_code", "ServerError", 500, "Provider disconnected unexpectedly"),
        ("error_with_null_finish_and_usage", "UpstreamError", 502, "OpenAI: The server had an error"),
        ("error_without_choices", "ProviderOverloadedError", 503, "Overloaded"),
        ("error_in_choice", "UpstreamError", 502, "Upstream idle"),
    ],
)
def test_an_error_in_the_stream_is_typed_and_keeps_what_had_arrived(name: str, kind: str, status: int, says: str):
    with pytest.raises(OpenRouterError) as caught:
        read(name)
    error = caught.value
    assert (type(error).__name__, error.status, error.message) == (kind, status, says)
    assert error.partial_text == error.reply.text == "Partial"
    assert error.generation_id == "gen-1786680764-AbC"


def test_what_came_before_an_error_in_the_same_bytes_comes_out_as_events():
    events, _, error = outcome(RECORDED["error_with_choice"])
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["Part", "ial"]
    assert error == "RateLimitedError"


def test_usage_that_comes_with_an_error_is_kept():
    _, reply, _ = outcome(RECORDED["error_with_null_finish_and_usage"])
    assert reply.usage is not None
    assert reply.usage.completion_tokens == 4


def test_a_provider_that_stops_with_a_network_error_and_no_text_has_failed():
    with pytest.raises(UpstreamError, match="broke off"):
        read("error_as_network_error")


def test_a_stream_that_breaks_off_keeps_its_text():
    with pytest.raises(StreamTruncatedError) as caught:
        read("truncated")
    assert caught.value.partial_text == "Partial"


def test_a_stream_without_an_answer_is_an_error():
    with pytest.raises(EmptyReplyError):
        read("empty")
