"""Any bytes for an answer: cut anywhere they mean the same, and end in a reply or in one of our errors."""

from typing import Any

from hypothesis import strategies as st

from orchat.errors import OpenRouterError
from orchat.openrouter.parser import ReplyParser
from orchat.openrouter.sse import SSEDecoder
from tests.fuzz.fuzzing import BRIEF_OR_LONG, fuzz, mutated
from tests.openrouter.chunks import RECORDED

STREAMS = mutated([data[:20_000] for data in RECORDED.values()])


@st.composite
def in_pieces(draw: st.DrawFn) -> tuple[bytes, list[int]]:
    stream = draw(STREAMS)
    return stream, sorted(draw(st.lists(st.integers(0, len(stream)), max_size=30)))


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def decoded(parts: list[bytes]) -> list[bytes | str]:
    decoder = SSEDecoder()
    items = [item for part in parts for item in decoder.feed(part)]
    return [*items, *decoder.close()]


def parsed(parts: list[bytes]) -> tuple[Any, ...]:
    parser, error = ReplyParser(), None
    try:
        for part in parts:
            list(parser.feed(part))
        list(parser.close())
    except OpenRouterError as problem:
        error = type(problem), problem.message
    message = parser.reply.message()
    assert message["role"] == "assistant"
    assert isinstance(parser.reply.text, str)
    parser.reply.text.encode("utf-8", "surrogatepass")
    return message, error


@BRIEF_OR_LONG
def test_however_a_stream_is_cut_it_means_the_same(seconds: float):
    def check(value: tuple[bytes, list[int]]) -> None:
        stream, cuts = value
        assert decoded(pieces(stream, cuts)) == decoded([stream])
        assert parsed(pieces(stream, cuts)) == parsed([stream])

    fuzz(in_pieces(), check, seconds)
