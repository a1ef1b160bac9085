"""Ratings: what a person thinks of an answer. They are kept here, and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, bindparam, delete, insert, select

from orchat.store.access import read_conversation, read_message
from orchat.store.database import Database
from orchat.store.tables import messages, ratings

Thumb: TypeAlias = Literal["up", "down"]
LONGEST_NOTE = 2_000
_RATINGS = (
    select(ratings.c.message_id, ratings.c.thumb, ratings.c.note, ratings.c.rated_at)
    .join(messages)
    .where(messages.c.conversation_id == bindparam("conversation_id"))
)
_RATINGS_AMONG = _RATINGS.where(ratings.c.message_id.in_(bindparam("among", expanding=True)))


@dataclass(frozen=True, slots=True)
class Rating:
    """A thumb, and what a person says about it."""

    thumb: Thumb
    note: str
    rated_at: datetime


class RatingStore(Database):
    """The part of the store that knows ratings. A foreign or unknown id raises NotFoundError."""

    def rate(self, owner: str, message_id: str, thumb: Thumb | None, note: str = "") -> None:
        """Rate a message, or with None take the rating back."""
        with self._writing() as connection:
            read_message(connection, owner, message_id)
            connection.execute(delete(ratings).where(ratings.c.message_id == message_id))
            if thumb is not None:
                add_rating(connection, message_id, Rating(thumb, note, self._now()))

    def ratings(self, owner: str, conversation_id: str, among: Collection[str] | None = None) -> dict[str, Rating]:
        """The ratings of a conversation's messages, or of these among them, by the ids of the messages."""
        values: dict[str, Any] = {"conversation_id": conversation_id}
        query = _RATINGS
        if among is not None:
            query, values = _RATINGS_AMONG, {**values, "among": list(among)}
        with self._reading() as connection:
            read_conversation(connection, owner, conversation_id)
            return {message_id: Rating(*rating) for message_id, *rating in connection.execute(query, values)}


def add_rating(connection: Connection, message_id: str, rating: Rating) -> None:
    """Keep a rating of a message that has none."""
    values = {"thumb": rating.thumb, "note": rating.note[:LONGEST_NOTE], "rated_at": rating.rated_at}
    connection.execute(insert(ratings), {"message_id": message_id, **values})
