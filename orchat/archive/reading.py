"""Reading JSON that others wrote: every value checked, every complaint names the entry that it is about."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from orchat.errors import ImportFailedError
from orchat.store.imports import NewMessage

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MOST_DEEP = 100
"""How deep objects and lists may lie in each other: what draws and writes them takes the stack for each level."""


class Place:
    """Where in the file something is, for complaints: “chat 3, message 5”."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts

    def at(self, what: str, number: int) -> "Place":
        """Return a place inside of this one; `number` counts from 0."""
        return Place(*self._parts, f"{what} {number + 1}")

    def wrong(self, what: str) -> ImportFailedError:
        """Return the error about something that is wrong here."""
        where = ", ".join(self._parts)
        return ImportFailedError(f"{where[:1].upper()}{where[1:]}: {what}" if where else what)

    def mapping(self, value: Any, what: str = "it") -> Mapping[str, Any]:
        """Return an object. Raises ImportFailedError for anything else, as the others here do."""
        if not isinstance(value, Mapping):
            raise self.wrong(f"{what} is {_kind(value)} and no object.")
        return value

    def entries(self, value: Any, what: str) -> list[Any]:
        """Return a list."""
        if not isinstance(value, list):
            raise self.wrong(f"{what} is {_kind(value)} and no list.")
        return value

    def text(self, value: Any, what: str) -> str:
        """Return a text."""
        if not isinstance(value, str):
            raise self.wrong(f"{what} is {_kind(value)} and no text.")
        return value

    def moment(self, value: Any, what: str) -> datetime:
        """Return a time, from seconds since 1970 or from ISO 8601; missing ones are 1970, and none is to come.

        What is said to be of the year 9999 would never be old enough to be deleted.
        """
        if value is None:
            return EARLIEST
        try:
            if isinstance(value, int | float) and not isinstance(value, bool):
                moment = datetime.fromtimestamp(value, UTC)
            else:
                parsed = datetime.fromisoformat(self.text(value, what))
                moment = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise self.wrong(f"{what} is no time.") from error
        return max(EARLIEST, min(moment, datetime.now(UTC)))


def _kind(value: Any) -> str:
    names = {type(None): "missing", str: "a text", list: "a list", dict: "an object", bool: "true or false"}
    return names.get(type(value), "a number")


def values_in(value: Any) -> Iterator[tuple[Any, int]]:
    """Yield everything in a JSON value, names too, each with the number of objects and lists around it."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        yield one, depth
        if isinstance(one, dict):
            waiting.extend((name, depth + 1) for name in one)
            waiting.extend((inner, depth + 1) for inner in one.values())
        elif isinstance(one, list):
            waiting.extend((inner, depth + 1) for inner in one)


def in_order(entries: Iterable[NewMessage], place: Place) -> list[NewMessage]:
    """Return messages each after the one that it follows.

    Raises:
        ImportFailedError: one follows another that is not there, or itself, or two have the same name.
    """
    waiting: dict[str | None, list[NewMessage]] = {}
    keys: set[str] = set()
    number = 0
    for number, entry in enumerate(entries, 1):
        if entry.key in keys:
            raise place.wrong(f"message {number} has the id of another one.")
        keys.add(entry.key)
        waiting.setdefault(entry.parent, []).append(entry)
    ordered: list[NewMessage] = []
    ready = waiting.pop(None, [])
    while ready:
        ordered.extend(ready)
        ready = [child for entry in ready for child in waiting.pop(entry.key, [])]
    if len(ordered) != number:
        lost = next(iter(waiting.values()))[0]
        raise place.wrong(f"message “{lost.key[:40]}” follows “{str(lost.parent)[:40]}”, which leads to no beginning.")
    return ordered


def in_a_row(entries: Iterable[NewMessage]) -> list[NewMessage]:
    """Return messages each following the one before, for applications that keep no tree."""
    row: list[NewMessage] = []
    for entry in entries:
        parent = row[-1].key if row else None
        row.append(NewMessage(entry.key, parent, entry.role, entry.wire, entry.created_at, entry.known))
    return row
