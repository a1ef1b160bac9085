"""Events go over to another replica as they are."""

from decimal import Decimal
from typing import get_args

import pytest

from orchat.events import (
    AnnotationAdded,
    ApprovalNeeded,
    Event,
    Finished,
    ImageAdded,
    ModelAsked,
    Queued,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    Routed,
    SourcesFound,
    StepEnded,
    TextDelta,
    ToolCallDelta,
    ToolEnded,
    ToolOutput,
    ToolProgressed,
    ToolStarted,
    Waiting,
)
from orchat.relay.codec import decode, encode

AWKWARD = "a\nb\r\u2028\0\x85\ud800 ünï 🦓 \\n"
EXAMPLES: list[Event] = [
    Waiting("OPENROUTER PROCESSING"),
    Queued(3),
    Retrying(0.5, 1, "Busy."),
    Routed("a/b", None, "gen-1"),
    SourcesFound(({"number": 1, "text": AWKWARD},)),
    TextDelta(AWKWARD),
    ReasoningDelta(""),
    ToolCallDelta(0, "call", "name", '{"a": '),
    AnnotationAdded({"url_citation": {"url": "https://a.test"}}),
    ImageAdded({"image_url": {"url": "data:image/png;base64,AAAA"}}),
    RefusalDelta("No."),
    Finished("stop", None),
    ModelAsked(2),
    StepEnded(Decimal("0.000000123"), 17),
    StepEnded(None, None),
    ToolStarted("call", "clock", "Clock", ":material/schedule:", {"a": [1, None, {"b": 0.1}]}, 1.5),
    ToolProgressed("call", "half", 0.5),
    ToolOutput("call", AWKWARD),
    ToolEnded("call", "ok", "12", ({"sha256": "ab"}, {}), 5),
    ApprovalNeeded(({"id": "call"},)),
]


def test_every_kind_of_event_is_tried():
    assert {type(event) for event in EXAMPLES} == set(get_args(Event))


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_was(event: Event):
    [twin] = decode(encode([event]))
    assert twin == event
    for name in type(event).__slots__:
        assert getattr(twin, name) == getattr(event, name)
        assert type(getattr(twin, name)) is type(getattr(event, name))


def test_many_come_back_in_their_order():
    assert decode(encode(EXAMPLES * 3)) == EXAMPLES * 3
    assert decode(encode([])) == []


def test_what_json_does_not_know_stops_nothing():
    odd = ToolStarted("call", "clock", "Clock", "i", {"a": float("nan"), "b": {1, 2}, "c": object()})
    [twin] = decode(encode([odd]))
    assert isinstance(twin, ToolStarted)
    assert set(twin.arguments) == {"a", "b", "c"}
