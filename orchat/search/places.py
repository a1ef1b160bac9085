"""Places as they are kept in a database: short JSON."""

import json
from functools import lru_cache

from orchat.search.document import Place

# Made once: json.dumps would make an encoder for each call.
_to_json = json.JSONEncoder(separators=(",", ":")).encode


def place_to_json(place: Place) -> str:
    """Return a place as JSON."""
    if place.label or place.heading:
        return _labelled(place)
    # A bare page, as most places are: hundreds of thousands of them should not take seconds.
    return f'["{place.unit}",{_number(place.number)},"",[],{_number(place.line)}]'


def _number(number: int | None) -> int | str:
    return "null" if number is None else number


@lru_cache(maxsize=4096)
def _labelled(place: Place) -> str:
    return _to_json((place.unit, place.number, place.label, place.heading, place.line))


@lru_cache(maxsize=4096)
def place_from_json(text: str) -> Place:
    """Return the place that JSON means."""
    unit, number, label, heading, line = json.loads(text)
    return Place(unit, number, label, tuple(heading), line)


def head(name: str, title: str, place: Place) -> str:
    """Return what is searched beside the text of a chunk: its file's name and title, and the headings above it."""
    return " ".join((name, title, place.label, *place.heading))


def embedded_text(title: str, place: Place, text: str) -> str:
    """Return what is embedded for a chunk: its text with the title and headings that it is about."""
    return "\n".join(filter(None, (title, *place.heading, text)))
