import json
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchat.errors import (
    AuthenticationError,
    EmptyReplyError,
    IdleTimeoutError,
    MalformedResponseError,
    OpenRouterError,
    StreamTruncatedError,
    UpstreamError,
)
from orchat.events import Event, Finished, Routed, TextDelta, Waiting
from orchat.openrouter.parser import ReplyParser, read_json
from tests.openrouter.chunks import ANSWER, COMMENT, DONE, chunk, data, delta

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def parsed(*pieces: bytes, **options: Any) -> tuple[ReplyParser, list[Event]]:
    parser = ReplyParser(**options)
    events = [event for piece in pieces for event in parser.feed(piece)]
    return parser, [*events, *parser.close()]


def whole(message: Any, finish: str | None = "stop", **fields: Any) -> bytes:
    return json.dumps({**chunk(), "choices": [{"message": message, "finish_reason": finish}], **fields}).encode()


def test_a_stream_becomes_events_and_a_reply():
    parser, events = parsed(ANSWER)
    routed = Routed("maker/model", "Maker", "gen-1")
    greeting = [Waiting("OPENROUTER PROCESSING"), routed, TextDelta("Hel"), TextDelta("lo."), Finished("stop")]
    assert events == greeting
    assert parser.reply.text == "Hello."


def test_the_generation_id_of_the_response_header_counts_from_the_beginning():
    assert ReplyParser(generation_id="gen-9").reply.id == "gen-9"


def test_a_whole_completion_in_answer_to_a_streaming_request_is_read():
    body = whole({"role": "assistant", "content": "Hi", "reasoning": "Hm", "reasoning_details": []})
    parser, events = parsed(body[:9], body[9:], json_body=True)
    assert TextDelta("Hi") in events
    assert parser.reply.message() == {"role": "assistant", "content": "Hi", "reasoning": "Hm", "reasoning_details": []}


@pytest.mark.parametrize("lead", [b"", b"\n ", b"\xef\xbb\xbf"])
def test_a_whole_completion_is_recognised_whatever_it_is_called(lead: bytes):
    parser, _ = parsed(lead + whole({"content": "Hi"}), json_body=False)
    assert parser.reply.text == "Hi"


@pytest.mark.parametrize("body", [b"", b"\n", COMMENT, DONE, COMMENT + DONE, data(chunk()), data(chunk(finish="stop"))])
def test_an_answer_that_says_nothing_is_an_error(body: bytes):
    with pytest.raises(EmptyReplyError):
        parsed(body)


@pytest.mark.parametrize("fields", [{"function_call": None}, {"audio": None, "phase": ""}])
def test_unknown_fields_without_a_value_are_no_answer(fields: dict[str, Any]):
    with pytest.raises(EmptyReplyError):
        parsed(data(delta(content="", **fields)) + data(chunk(finish="stop")))


@pytest.mark.parametrize("choices", [None, []])
def test_a_completion_without_choices_is_an_error(choices: Any):
    with pytest.raises(EmptyReplyError):
        parsed(json.dumps({"id": "gen-1", "choices": choices}).encode(), json_body=True)


def test_an_answer_that_ran_out_of_tokens_before_the_first_word_says_so():
    with pytest.raises(EmptyReplyError, match="limit") as caught:
        parsed(data(chunk(finish="length")))
    assert "charge" not in caught.value.advice


def test_an_empty_answer_that_was_charged_for_is_not_called_free():
    with pytest.raises(EmptyReplyError) as caught:
        parsed(data(chunk(finish="stop", usage={"cost": 0.2})))
    assert "charge" not in caught.value.advice


def test_a_filtered_answer_ends_without_text():
    parser, _ = parsed(data(chunk(finish="content_filter")))
    assert parser.reply.finish_reason == "content_filter"


def test_reasoning_alone_is_an_answer():
    parser, _ = parsed(data(delta(reasoning="Hm")) + data(chunk(finish="stop")))
    assert parser.reply.reasoning == "Hm"


@pytest.mark.parametrize("choices", [{}, {"choices": None}, {"choices": []}])
def test_a_200_whose_body_is_an_error_is_that_error(choices: dict[str, Any]):
    body = {"error": {"code": 401, "message": "User not found."}, **choices}
    with pytest.raises(AuthenticationError, match="User not found") as caught:
        parsed(json.dumps(body).encode(), json_body=True)
    assert caught.value.status == 401


def test_an_error_in_the_choice_of_a_completion_keeps_the_partial_text():
    body = {"choices": [{"message": {"content": "Par"}, "finish_reason": "error", "error": {"code": 502}}]}
    with pytest.raises(UpstreamError) as caught:
        parsed(json.dumps(body).encode(), json_body=True)
    assert caught.value.partial_text == "Par"


@pytest.mark.parametrize("error", ["it broke", ["it broke"], {"message": "it broke"}])
def test_an_error_chunk_of_any_shape_is_an_error(error: Any):
    with pytest.raises(OpenRouterError, match="it broke") as caught:
        parsed(data(chunk("Par")) + data({"error": error}))
    assert caught.value.partial_text == "Par"


def test_an_error_that_is_null_is_none():
    parser, _ = parsed(data(chunk("Hi", error=None)) + data(chunk(finish="stop")))
    assert parser.reply.text == "Hi"


def test_a_finish_reason_of_error_without_an_error_is_an_error():
    with pytest.raises(UpstreamError) as caught:
        parsed(data(chunk("Par")) + data(chunk(finish="error")) + DONE)
    assert caught.value.partial_text == "Par"


def test_done_is_not_needed_after_a_finish_reason():
    assert parsed(data(chunk("Hi")) + data(chunk(finish="stop")))[0].reply.text == "Hi"


def test_done_ends_an_answer_without_a_finish_reason():
    assert parsed(data(chunk("Hi")) + DONE)[0].reply.text == "Hi"


def test_a_last_chunk_without_its_blank_line_counts():
    parser, _ = parsed(data(chunk("Hi")) + data(chunk(finish="stop")).rstrip(b"\n"))
    assert parser.reply.finish_reason == "stop"


def test_a_last_chunk_that_is_cut_off_truncates_the_answer():
    with pytest.raises(StreamTruncatedError) as caught:
        parsed(data(chunk("Par")) + data(chunk("tial"))[:30])
    assert caught.value.partial_text == "Par"


def test_a_cut_usage_chunk_after_the_end_leaves_the_answer_whole():
    parser, _ = parsed(data(chunk("Hi", "stop")) + data(chunk(usage={"cost": 1}))[:50])
    assert (parser.reply.text, parser.reply.usage) == ("Hi", None)


def test_a_broken_connection_keeps_the_text():
    parser = ReplyParser()
    list(parser.feed(data(chunk("Par"))))
    with pytest.raises(StreamTruncatedError) as caught:
        list(parser.broke(StreamTruncatedError("cut")))
    assert caught.value.partial_text == "Par"


def test_a_connection_that_breaks_after_the_end_breaks_nothing_and_loses_no_usage():
    parser = ReplyParser()
    list(parser.feed(data(chunk("Hi", "stop")) + data(chunk(usage={"cost": 0.5})).rstrip(b"\n")))
    assert list(parser.broke(StreamTruncatedError("cut"))) == []
    assert parser.reply.usage is not None


def test_a_connection_that_breaks_after_a_failed_end_is_still_a_failure():
    parser = ReplyParser()
    list(parser.feed(data(chunk("Par")) + data(chunk(finish="error"))))
    with pytest.raises(UpstreamError):
        list(parser.broke(StreamTruncatedError("cut")))


@pytest.mark.parametrize(
    "line", [b"data: {not json\n\n", b"data: [1]\n\n", b"data: 7\n\n", b'data: {"choices": [null]}\n\n']
)
def test_data_that_is_no_chunk_is_named_and_the_text_kept(line: bytes):
    with pytest.raises(MalformedResponseError) as caught:
        parsed(data(chunk("Par")) + line + DONE)
    assert caught.value.partial_text == "Par"
    assert caught.value.detail


def test_data_that_is_empty_means_nothing():
    assert parsed(b"data:\n\n" + data(chunk("Hi", "stop")) + b"data: \n\n")[0].reply.text == "Hi"


def test_a_web_page_in_place_of_an_answer_is_named():
    with pytest.raises(MalformedResponseError) as caught:
        parsed(b"<!doctype html><html><style>p {}</style><title>Sign in</title></html>")
    assert caught.value.detail == "Sign in"


def test_silence_is_measured_in_data_and_not_in_comments():
    clock = Clock()
    parser = ReplyParser(idle_timeout=60, clock=clock)
    list(parser.feed(data(chunk("Par"))))
    clock.now = 59
    list(parser.feed(COMMENT))
    clock.now = 61
    with pytest.raises(IdleTimeoutError, match="60 s") as caught:
        list(parser.feed(COMMENT))
    assert caught.value.partial_text == "Par"


def test_data_ends_the_silence_also_behind_a_late_comment():
    clock = Clock()
    parser = ReplyParser(idle_timeout=60, clock=clock)
    for clock.now in (0, 100, 159):
        list(parser.feed(COMMENT + data(chunk("word "))))
    list(parser.feed(COMMENT))
    assert parser.reply.text == "word word word "


def test_without_an_idle_timeout_silence_is_borne():
    clock = Clock()
    parser = ReplyParser(clock=clock)
    clock.now = 1e9
    assert list(parser.feed(COMMENT)) == [Waiting("OPENROUTER PROCESSING")]


def test_a_pair_of_surrogates_that_a_provider_cut_can_still_be_encoded():
    halves = rb'data: {"choices": [{"delta": {"content": "\ud83d"}}]}' + b"\n\n"
    parser, _ = parsed(
        halves + rb'data: {"choices": [{"delta": {"content": "\ude00 ok \ud83d\ude00"}}]}' + b"\n\n" + DONE
    )
    assert parser.reply.text.encode() == "\ufffd\ufffd ok 😀".encode()


def test_bytes_that_are_no_text_become_replacement_characters():
    assert read_json(b'{"a": "\xff"}') == {"a": "\ufffd"}


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b"[" * 100_000])
def test_what_is_no_json_is_a_value_error(body: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the decoder's
        read_json(body)


DELTAS = st.fixed_dictionaries(
    {},
    optional={
        key: JSON_VALUES | st.lists(st.fixed_dictionaries({}, optional={"id": JSON_VALUES, "function": JSON_VALUES}))
        for key in (
            "content",
            "reasoning",
            "reasoning_details",
            "tool_calls",
            "annotations",
            "images",
            "refusal",
            "new",
        )
    },
)
CHOICES = st.fixed_dictionaries({"delta": DELTAS | JSON_VALUES}, optional={"finish_reason": JSON_VALUES})
CHUNKS = st.fixed_dictionaries(
    {"choices": st.lists(CHOICES, max_size=1) | JSON_VALUES},
    optional={"id": JSON_VALUES, "model": JSON_VALUES, "usage": JSON_VALUES, "error": JSON_VALUES},
)


@given(st.lists(CHUNKS, min_size=1, max_size=3))
@example([{"choices": [{"delta": {"content": [{"type": "text", "text": 5}]}}]}])
@example([{"choices": [{"delta": {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": {"x": 1}}}]}}]}])
def test_chunks_of_any_shape_give_a_reply_or_one_of_our_errors(chunks: list[Any]):
    parser = ReplyParser()
    with suppress(OpenRouterError):
        for each in chunks:
            list(parser.feed(b"data: " + json.dumps(each).encode() + b"\n\n"))
        list(parser.close())
    assert isinstance(parser.reply.text, str)
    assert parser.reply.message()["role"] == "assistant"


def test_words_that_were_read_are_kept_nowhere():
    kept, read = "".join(["a ", "word"]), read_json(b'{"content": "a word"}')["content"]
    assert read == kept
    assert sys.getrefcount(read) == sys.getrefcount(kept)
