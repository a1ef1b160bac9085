"""Branches: the way from a conversation's root to a leaf, whole or a part of it at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Integer, Select, String, bindparam, func, literal, or_, select

from orchat.store.access import MESSAGE_COLUMNS, mine, read_conversation, to_message
from orchat.store.database import Database
from orchat.store.ratings import RATING_COLUMNS, Rating
from orchat.store.records import Message
from orchat.store.tables import conversations, messages, ratings


@dataclass(frozen=True, slots=True)
class BranchPart:
    """Messages that follow each other, oldest first, with what a page shows beside them."""

    messages: list[Message] = field(default_factory=list)
    earlier: bool = False
    """Whether there are others before them."""
    later: bool = False
    """Whether there are others after them."""
    below: dict[str | None, list[str]] = field(default_factory=dict)
    """Ids of what follows each of them, what the first one follows, and None (the root); oldest first."""
    ratings: dict[str, Rating] = field(default_factory=dict)
    """What their owner thinks of those that have been rated, by their ids."""


class BranchStore(Database):
    """The part of the store that reads branches. A foreign or unknown id raises NotFoundError."""

    def branch_part(self, owner: str, conversation_id: str, *, most: int, last_id: str | None = None) -> BranchPart:
        """At most `most` messages of the branch that is shown, up to `last_id` where that is on it, else to its end.

        What it costs depends on `most` and hardly on the length of the chat.
        """
        values = {"owner": owner, "conversation_id": conversation_id}
        with self._reading() as connection:
            path = [] if last_id is None else _path(connection, owner, conversation_id)
            end = last_id if last_id in path else None
            rows = connection.execute(_PART, {**values, "last_id": end, "most": most + 1}).all()
            if not rows:
                read_conversation(connection, owner, conversation_id)
                return BranchPart()
            found, rated = [to_message(row[:_WIDTH]) for row in rows], [row[_WIDTH:] for row in rows]
            shown = found[-most:]
            return BranchPart(
                shown,
                earlier=len(found) > most,
                later=end is not None and end != path[-1],
                below=_below(connection, conversation_id, shown),
                ratings={
                    message.id: Rating(*row) for message, row in zip(found, rated, strict=True) if row[0] is not None
                },
            )

    def path(self, owner: str, conversation_id: str) -> list[str]:
        """The ids of the messages of the branch that is shown, oldest first."""
        with self._reading() as connection:
            return _path(connection, owner, conversation_id)


def branch_of(connection: Connection, leaf_id: str) -> list[Message]:
    """A message and all that it follows, oldest first."""
    return [to_message(row) for row in connection.execute(_BRANCH, {"leaf_id": leaf_id}).all()]


def _path(connection: Connection, owner: str, conversation_id: str) -> list[str]:
    leaf_id = read_conversation(connection, owner, conversation_id).leaf_id
    return list(connection.execute(_IDS, {"leaf_id": leaf_id}).scalars())


def _below(connection: Connection, conversation_id: str, shown: Sequence[Message]) -> dict[str | None, list[str]]:
    above = {message.id for message in shown} | {shown[0].parent_id or ""}
    below: dict[str | None, list[str]] = {}
    for parent_id, message_id in connection.execute(
        _FOLLOWING, {"conversation_id": conversation_id, "above": list(above)}
    ):
        below.setdefault(parent_id, []).append(message_id)
    return below


def _ancestry(first: Select[Any], *, limited: bool = False) -> CTE:
    """The message that `first` selects and all that it follows, or the nearest `most` of them, as `number`."""
    path = first.cte("path", recursive=True)
    above = select(*_STEP, path.c.place + 1).join(path, messages.c.id == path.c.parent_id)
    return path.union_all(above.where(path.c.place < bindparam("most", type_=Integer)) if limited else above)


def _on(path: CTE, *columns: ColumnElement[Any]) -> Select[Any]:
    # A message is written after the one it follows, so their numbers are in the order of the branch.
    return select(*columns).where(messages.c.number.in_(select(path.c.number))).order_by(messages.c.number)


_STEP = (messages.c.number, messages.c.parent_id)
_FIRST = select(*_STEP, literal(1).label("place"))
_LEAF = _FIRST.where(messages.c.id == bindparam("leaf_id"))
_IDS = _on(_ancestry(_LEAF), messages.c.id)
_BRANCH = _on(_ancestry(_LEAF), *MESSAGE_COLUMNS)

# All that a page draws of a branch in two questions: each of them is a way to the database and back.
_WIDTH = len(MESSAGE_COLUMNS)
_END = _FIRST.join(conversations, conversations.c.id == messages.c.conversation_id).where(
    *mine, messages.c.id == func.coalesce(bindparam("last_id", type_=String), conversations.c.leaf_id)
)
_PART = _on(_ancestry(_END, limited=True), *MESSAGE_COLUMNS, *RATING_COLUMNS).outerjoin_from(messages, ratings)
_FOLLOWING = (
    select(messages.c.parent_id, messages.c.id)
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        or_(messages.c.parent_id.in_(bindparam("above", expanding=True)), messages.c.parent_id.is_(None)),
    )
    .order_by(messages.c.number)
)
