"""Copies of a message are found by it: they learn what it has cost when that becomes known."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add an index."""
    op.create_index("ix_messages_copied_from", "messages", ["copied_from"])
