"""Conversations pinned, archived and tagged; copies of messages; ratings of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add three columns and two tables."""
    op.add_column("conversations", sa.Column("pinned_at", _moment))
    op.add_column("conversations", sa.Column("archived_at", _moment))
    op.add_column("messages", sa.Column("copied_from", sa.Text()))
    op.create_table(
        "tags",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("conversation_id", "name", "owner")),
        sa.PrimaryKeyConstraint("conversation_id", "name", name="pk_tags"),
        _refers("tags", "conversation_id", "conversations.id"),
    )
    op.create_index("ix_tags_owner_name", "tags", ["owner", "name"])
    op.create_table(
        "ratings",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("message_id", "thumb", "note")),
        sa.Column("rated_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_ratings"),
        _refers("ratings", "message_id", "messages.id"),
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}", ondelete="CASCADE")
