"""Ratings: what a person thinks of an answer. They are kept here, and nowhere else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, insert, select

from orchat.store.access import read_conversation, read_message
from orchat.store.database import Database
from orchat.store.tables import messages, ratings

Thumb: TypeAlias = Literal["up", "down"]
LONGEST_NOTE = 2_000
RATING_COLUMNS = (ratings.c.thumb, ratings.c.note, ratings.c.rated_at)
"""In the order of the fields of `Rating`."""


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

    def ratings(self, owner: str, conversation_id: str) -> dict[str, Rating]:
        """The ratings of a conversation's messages, by the ids of the messages."""
        query = select(ratings.c.message_id, *RATING_COLUMNS).join(messages)
        with self._reading() as connection:
            read_conversation(connection, owner, conversation_id)
            found = connection.execute(query.where(messages.c.conversation_id == conversation_id))
            return {message_id: Rating(*rating) for message_id, *rating in found}


def add_rating(connection: Connection, message_id: str, rating: Rating) -> None:
    """Keep a rating of a message that has none."""
    values = {"thumb": rating.thumb, "note": rating.note[:LONGEST_NOTE], "rated_at": rating.rated_at}
    connection.execute(insert(ratings), {"message_id": message_id, **values})
