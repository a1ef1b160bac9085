"""Several people: who they are, what they keep encrypted, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"

_moment = sa.DateTime(timezone=True)
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add three tables."""
    op.create_table(
        "people",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("owner", "name", "email", "role")),
        sa.Column("first_seen", _moment, nullable=False),
        sa.Column("last_seen", _moment, nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_people"),
    )
    op.create_table(
        "sealed_texts",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_sealed_texts"),
    )
    op.create_table(
        "audit",
        sa.Column("number", _number, sa.Identity(always=True), nullable=False),
        sa.Column("at", _moment, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "action", "subject")),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
