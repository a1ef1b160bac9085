"""The tables through which replicas know of each other: their runs, and how often people ask."""

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, ForeignKey, Identity, Index, Integer, Table, exists

from orchat.store.column_types import PlainText, UTCDateTime
from orchat.store.tables import messages, metadata

replicas = Table(
    "replicas",
    metadata,
    Column("id", PlainText, primary_key=True),
    # By the database's clock, which is the same for all.
    Column("heard_at", UTCDateTime, nullable=False),
)

# No foreign keys: what becomes of a chat or of a replica is nothing that a run should stand in the way of.
shared_runs = Table(
    "shared_runs",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("replica", PlainText, nullable=False),
    Column("owner", PlainText, nullable=False),
    Column("conversation_id", PlainText, nullable=False, index=True),
    # Null until the answer has its place in the chat.
    Column("message_id", PlainText),
    Column("state", PlainText, nullable=False),
    Column("followed", Boolean, nullable=False),
    Column("stop", Boolean, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("ended_at", UTCDateTime),
    Index(None, "message_id"),
    Index(None, "owner"),
)

# Unlogged in PostgreSQL: whoever runs it has all of it in memory, and what matters is in `messages`.
run_events = Table(
    "run_events",
    metadata,
    Column("run_id", ForeignKey("shared_runs.id", ondelete="CASCADE"), primary_key=True),
    # The number of the first event, from 0, and of how many there are.
    Column("position", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("data", PlainText, nullable=False),
)

# When people have asked, as far as that is limited: a minute's worth.
asked = Table(
    "asked",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("owner", PlainText, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index(None, "owner", "at"),
)


def answered_now() -> ColumnElement[bool]:
    """The condition that picks messages of chats that a replica answers at present."""
    c = shared_runs.c
    return exists().where(c.conversation_id == messages.c.conversation_id, c.ended_at.is_(None))
