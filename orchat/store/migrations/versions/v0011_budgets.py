"""Budgets: what single people and chats may spend, and which requests a person's own key has paid."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add a table and a column."""
    op.create_table(
        "budgets",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("scope", "subject", "limits")),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "subject", name="pk_budgets"),
    )
    op.add_column("calls", sa.Column("personal_key", sa.Boolean()))
