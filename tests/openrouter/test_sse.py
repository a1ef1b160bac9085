import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.openrouter.sse import Comment, SSEDecoder
from tests.openrouter.chunks import RECORDED, pieces_of


def decoded(*pieces: bytes) -> list[bytes | Comment]:
    decoder = SSEDecoder()
    items = [item for piece in pieces for item in decoder.feed(piece)]
    return items + decoder.close()


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end_of_the_standard_ends_a_line(end: bytes):
    assert decoded(b"data: one" + end * 2 + b"data: two" + end * 2) == [b"one", b"two"]


def test_line_ends_may_be_mixed():
    assert decoded(b"data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\r") == [b"a\nb\nc", b"d"]


def test_a_crlf_cut_in_two_is_one_line_end():
    assert decoded(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [b"a\nb"]


def test_several_data_lines_are_one_event():
    assert decoded(b"data: a\ndata:b\ndata\n\n") == [b"a\nb\n"]


def test_only_one_space_after_the_colon_is_dropped():
    assert decoded(b"data:  two\n\n") == [b" two"]


def test_comments_are_told_apart_from_data_with_the_same_text():
    comment, data = decoded(b": hello\n\ndata: hello\n\n")
    assert isinstance(comment, Comment)
    assert comment == "hello"
    assert data == b"hello"


def test_names_ids_and_retry_times_are_passed_over():
    assert decoded(b"event: x\nid: 7\nretry: 9\ndata: a\nunknown\n\nevent: y\n\n") == [b"a"]


@pytest.mark.parametrize("cut", range(4))
def test_a_byte_order_mark_is_dropped_wherever_it_is_cut(cut: int):
    stream = b"\xef\xbb\xbfdata: a\n\n"
    assert decoded(stream[:cut], stream[cut:]) == [b"a"]


def test_only_the_first_byte_order_mark_is_dropped():
    assert decoded(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n") == [b"b"]


@pytest.mark.parametrize("rest", [b"data: a", b"data: a\n", b"data: a\r", b"data: a\r\n"])
def test_the_last_event_needs_no_blank_line(rest: bytes):
    assert decoded(rest) == [b"a"]


def test_unicode_line_separators_are_text():
    text = "one\u2028two\u2029three\u0085four\x0bfive\x0csix".encode()
    assert decoded(b"data: " + text + b"\n\n") == [text]


def test_a_character_of_several_bytes_may_be_cut():
    stream = "data: 👋\n\n".encode()
    assert decoded(*(stream[at : at + 1] for at in range(len(stream)))) == ["👋".encode()]


def test_a_stream_of_nothing_holds_nothing():
    assert decoded() == decoded(b"", b"\n\n\r\n") == []


@given(st.sampled_from(sorted(RECORDED)), st.data())
def test_any_cut_of_a_recorded_stream_gives_the_same_items(name: str, draw: st.DataObject):
    stream = RECORDED[name]
    assert decoded(*pieces_of(stream, draw)) == decoded(stream)


@given(
    st.lists(st.sampled_from([b"data: a", b"data", b": c", b"", b"\r", b"\n", b"\r\n", b"x", b"\xef\xbb\xbf"])),
    st.data(),
)
def test_any_cut_of_any_stream_gives_the_same_items(parts: list[bytes], draw: st.DataObject):
    stream = b"".join(parts)
    assert decoded(*pieces_of(stream, draw)) == decoded(stream)
