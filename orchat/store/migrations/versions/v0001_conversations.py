"""Conversations and their messages."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_moment = sa.DateTime(timezone=True)
_money = sa.Numeric().with_variant(sa.Text(), "sqlite")
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables."""
    _create_conversations()
    _create_messages()


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("updated_at", _moment, nullable=False),
        sa.Column("deleted_at", _moment),
        sa.Column("leaf_id", sa.Text()),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("extra_cost", _money, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_owner_updated_at", "conversations", ["owner", "updated_at"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("number", _number, sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text()),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("wire", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        *_text("model_asked", "model_answered", "provider"),
        *_count("prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens"),
        sa.Column("cost", _money),
        *_text("finish_reason", "native_finish_reason", "generation_id"),
        sa.Column("auto", sa.Boolean(), nullable=False),
        sa.Column("zdr", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("error", sa.JSON()),
        *_count("first_token_ms", "reasoning_ms", "duration_ms"),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("saved_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["messages.id"], name="fk_messages_parent_id"),
    )
    op.create_index("ix_messages_conversation_id", "messages", ["conversation_id"])
    op.create_index("ix_messages_parent_id", "messages", ["parent_id"])
    op.create_index("ix_messages_state_created_at", "messages", ["state", "created_at"])


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text()) for name in names]


def _count(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger()) for name in names]
