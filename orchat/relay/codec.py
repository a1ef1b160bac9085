"""Events as text and back: a line of JSON for each."""

import json
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from orchat.events import Event, ReasoningDelta, TextDelta

KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
DELTAS = (TextDelta, ReasoningDelta)


def encode(events: Iterable[Event]) -> str:
    """Return events as text that `decode` understands; in ASCII, so that every database keeps it as it is."""
    return "\n".join(json.dumps(_values(event)) for event in events)


def decode(text: str) -> list[Event]:
    """Return the events of a text."""
    return [_event(*json.loads(line)) for line in text.splitlines()]


def _values(event: Event) -> tuple[str, Any]:
    kind = type(event)
    # Most events by far; the adapter takes ten times as long.
    if isinstance(event, DELTAS):
        return kind.__name__, {"text": event.text}
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return kind.__name__, to_jsonable_python(values, fallback=str)


def _event(kind: str, values: dict[str, Any]) -> Event:
    known = KINDS[kind]
    event: Event = known(**values) if known in DELTAS else _adapter(kind).validate_python(values)
    return event


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])
