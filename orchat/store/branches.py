"""Branches: the way from a conversation's root to a leaf, whole or a part of it at a time."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Integer, Select, bindparam, literal, select

from orchat.store.access import MESSAGE_COLUMNS, read_conversation, to_message
from orchat.store.database import Database
from orchat.store.records import Message
from orchat.store.tables import messages


@dataclass(frozen=True, slots=True)
class BranchPart:
    """Messages that follow each other, oldest first, and whether there are others before and after them."""

    messages: list[Message]
    earlier: bool
    later: bool


class BranchStore(Database):
    """The part of the store that reads branches. A foreign or unknown id raises NotFoundError."""

    def branch_part(self, owner: str, conversation_id: str, *, most: int, last_id: str | None = None) -> BranchPart:
        """At most `most` messages of the branch that is shown, up to `last_id` where that is on it, else to its end.

        What it costs depends on `most` and hardly on the length of the chat.
        """
        with self._reading() as connection:
            leaf_id = read_conversation(connection, owner, conversation_id).leaf_id
            if leaf_id is None:
                return BranchPart([], earlier=False, later=False)
            if last_id is not None and last_id not in _ids(connection, leaf_id):
                last_id = None
            found = branch_of(connection, last_id or leaf_id, most + 1)
        return BranchPart(found[-most:], earlier=len(found) > most, later=last_id not in (None, leaf_id))

    def path(self, owner: str, conversation_id: str) -> list[str]:
        """The ids of the messages of the branch that is shown, oldest first."""
        with self._reading() as connection:
            leaf_id = read_conversation(connection, owner, conversation_id).leaf_id
            return [] if leaf_id is None else _ids(connection, leaf_id)


def _ids(connection: Connection, leaf_id: str) -> list[str]:
    return list(connection.execute(_IDS, {"leaf_id": leaf_id}).scalars())


def branch_of(connection: Connection, leaf_id: str, most: int | None = None) -> list[Message]:
    """A message and all that it follows, oldest first: at most so many of them, the nearest."""
    if most is None:
        rows = connection.execute(_BRANCH, {"leaf_id": leaf_id})
    else:
        rows = connection.execute(_PART, {"leaf_id": leaf_id, "most": most})
    return [to_message(row) for row in rows.all()]


def _ancestry(*, limited: bool = False) -> CTE:
    """The message `leaf_id` and all that it follows, or the nearest `most` of them, as `number`."""
    columns = (messages.c.number, messages.c.parent_id)
    first = select(*columns, literal(1).label("place")).where(messages.c.id == bindparam("leaf_id"))
    path = first.cte("path", recursive=True)
    above = select(*columns, path.c.place + 1).join(path, messages.c.id == path.c.parent_id)
    return path.union_all(above.where(path.c.place < bindparam("most", type_=Integer)) if limited else above)


def _on(path: CTE, *columns: ColumnElement[Any]) -> Select[Any]:
    # A message is written after the one it follows, so their numbers are in the order of the branch.
    return select(*columns).where(messages.c.number.in_(select(path.c.number))).order_by(messages.c.number)


_IDS = _on(_ancestry(), messages.c.id)
_BRANCH = _on(_ancestry(), *MESSAGE_COLUMNS)
_PART = _on(_ancestry(limited=True), *MESSAGE_COLUMNS)
