"""What the agent leaves: details of messages, files, graphs that wait for approval, and people's preferences."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_moment = sa.DateTime(timezone=True)
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add a column and four tables."""
    op.add_column("messages", sa.Column("details", sa.JSON()))
    _create_blobs()
    _create_files()
    _create_checkpoints()
    _create_preferences()


def _create_blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "sha256", name="pk_blobs"),
    )


def _create_files() -> None:
    op.create_table(
        "files",
        sa.Column("number", _number, sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sha256", "name", "mime", "kind")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_files"),
        _of_conversation("files"),
        sa.UniqueConstraint("conversation_id", "sha256", "name", name="uq_files_conversation_id"),
    )
    op.create_index("ix_files_owner_sha256", "files", ["owner", "sha256"])


def _create_checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("thread_id", name="pk_checkpoints"),
        _of_conversation("checkpoints"),
    )
    op.create_index("ix_checkpoints_conversation_id", "checkpoints", ["conversation_id"])


def _create_preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_preferences"),
    )


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_conversation_id"
    return sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=name, ondelete="CASCADE")
