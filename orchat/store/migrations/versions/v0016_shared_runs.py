"""Replicas: which of them runs what, what it has said so far, when each was heard of last; how often people ask."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add four tables."""
    op.create_table(
        "replicas",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("heard_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replicas"),
    )
    op.create_table(
        "shared_runs",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "replica", "owner", "conversation_id")),
        sa.Column("message_id", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("followed", "stop", "settled")),
        sa.Column("ended_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_shared_runs"),
    )
    for column in ("conversation_id", "message_id", "owner"):
        op.create_index(f"ix_shared_runs_{column}", "shared_runs", [column])
    op.create_table(
        "run_events",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_run_events"),
        sa.ForeignKeyConstraint(["run_id"], ["shared_runs.id"], name="fk_run_events_run_id", ondelete="CASCADE"),
    )
    op.create_table(
        "asked",
        sa.Column("number", _number, sa.Identity(always=True), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_asked"),
    )
    op.create_index("ix_asked_owner_at", "asked", ["owner", "at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE run_events SET UNLOGGED")
