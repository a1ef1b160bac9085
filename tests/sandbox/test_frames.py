"""Frames are read as bytes of a stranger: whatever comes, it is a frame or one kind of error."""

import json
import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchat.errors import SandboxProtocolError
from orchat.sandbox.collector import Collector
from orchat.sandbox.frames import MAX_FRAME, Frames, decode, encode
from orchat.sandbox.limits import Limits
from orchat.sandbox.outputs import to_output

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.binary())
def test_bytes_of_any_kind_are_frames_or_refused(data: bytes):
    try:
        frames = Frames().feed(data)
    except SandboxProtocolError:
        return
    assert all(isinstance(frame, dict) for frame in frames)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["display", "stdout", "done", "error", "ready", "x"]), ANY_JSON))
def test_a_frame_of_any_shape_is_taken_or_refused(frame: dict[str, Any]):
    collector = Collector(1, Limits())
    try:
        collector.take(decode(json.dumps(frame).encode()))
    except SandboxProtocolError:
        return
    collector.close()
    for output in collector.outputs:
        output.text.encode()


@given(st.lists(st.integers(0, 40), min_size=1))
def test_it_does_not_matter_how_frames_are_cut(cuts: list[int]):
    stream = b"".join(encode({"done": number}) for number in range(20))
    frames, found, at = Frames(), [], 0
    for cut in [*cuts, len(stream)]:
        found += frames.feed(stream[at : at + cut])
        at += cut
    assert [frame["done"] for frame in found] == list(range(20))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"a":' * 30_000,
        b'{"display": [' + b"[]," * 2_000_000 + b"[]]}",
        b'{"display": {' + b",".join(b'"%d":""' % n for n in range(100_000)) + b"}}",
        b'{"done": ' + b"9" * 60_000 + b"}",
        b"\xff\xfe",
        b"",
        b"null",
        b'"' + b"\\" * 1_000_000,
    ],
    ids=["lists", "objects", "megabytes of lists", "forms", "number", "bytes", "nothing", "null", "backslashes"],
)
def test_a_frame_that_would_cost_the_host_is_refused_before_it_does(body: bytes):
    tracemalloc.start()
    with pytest.raises(SandboxProtocolError):
        decode(body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * len(body) + 10_000_000


def test_a_large_frame_of_one_string_is_fine():
    assert decode(json.dumps({"display": {"text/html": "[{" * 1_000_000}}).encode())["display"]


def test_a_frame_beyond_the_largest_is_refused_at_its_announcement():
    with pytest.raises(SandboxProtocolError, match="8,000,001 bytes"):
        Frames().feed(struct.pack(">I", MAX_FRAME + 1))


@pytest.mark.parametrize(
    ("mime", "data"),
    [
        ("image/png", "bm90IGEgcGljdHVyZQ=="),
        ("image/png", "%%%"),
        ("image/png", "iVBORw0KGgoAAAANSUhEUgAA6mAAAOpgCAIAAAAAAAAA"),
        ("image/jpeg", "/9j/"),
    ],
    ids=["no picture", "no base64", "3.6 gigapixels", "no size"],
)
def test_a_picture_that_is_none_is_refused(mime: str, data: str):
    with pytest.raises(SandboxProtocolError):
        to_output({mime: data})


def test_forms_that_nobody_knows_leave_the_text():
    output = to_output({"application/x-python-pickle": "gASV", "text/plain": "x"})
    assert (output.mime, output.data) == ("text/plain", "x")
