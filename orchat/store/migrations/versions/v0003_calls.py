"""The ledger of requests to models, filled with what messages and titles have cost so far."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_moment = sa.DateTime(timezone=True)
_money = sa.Numeric().with_variant(sa.Text(), "sqlite")
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 1000
_ENDED = {"done": "done", "waiting": "done", "streaming": "cut_off"}
_KEPT = (
    "model_asked",
    "model_answered",
    "provider",
    "generation_id",
    "prompt_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "cached_tokens",
    "zdr",
    "simulated",
    "first_token_ms",
    "duration_ms",
)


def upgrade() -> None:
    """Create the table, and enter what is known."""
    _create_calls()
    ledger = sa.table("calls", *(sa.column(name, kind) for name, kind in _COLUMNS))
    connection = op.get_bind()
    rows = [*_from_messages(connection), *_from_titles(connection)]
    for start in range(0, len(rows), _BATCH):
        connection.execute(sa.insert(ledger), rows[start : start + _BATCH])
    op.drop_column("conversations", "extra_cost")


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("number", _number, sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", _moment, nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("model_asked", "model_answered", "provider", "generation_id")),
        *(sa.Column(f"{name}_tokens", sa.BigInteger()) for name in ("prompt", "completion", "reasoning", "cached")),
        *(sa.Column(name, sa.BigInteger()) for name in ("cost", "charged", "reserved")),
        sa.Column("own_key", sa.Boolean()),
        sa.Column("zdr", sa.Boolean(), nullable=False),
        sa.Column("zdr_listed", sa.Boolean()),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("first_token_ms", sa.BigInteger()),
        sa.Column("duration_ms", sa.BigInteger()),
        sa.Column("sent", sa.JSON()),
        sa.Column("lookups", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_calls"),
        sa.UniqueConstraint("id", name="uq_calls_id"),
    )
    op.create_index("ix_calls_conversation_id", "calls", ["conversation_id"])
    op.create_index("ix_calls_owner_day", "calls", ["owner", "day"])
    op.create_index("ix_calls_day", "calls", ["day"])


_COLUMNS: tuple[tuple[str, Any], ...] = (
    *((name, sa.Text()) for name in ("id", "owner", "conversation_id", "message_id", "kind", "state", "error")),
    ("day", sa.Date()),
    ("started_at", _moment),
    *((name, sa.Text()) for name in _KEPT[:4]),
    *((name, sa.BigInteger()) for name in (*_KEPT[4:8], "first_token_ms", "duration_ms", "cost", "charged")),
    *((name, sa.Boolean()) for name in ("zdr", "simulated")),
    ("lookups", sa.Integer()),
)


def _from_messages(connection: sa.Connection) -> list[dict[str, Any]]:
    message = sa.table(
        "messages",
        *(sa.column(name) for name in ("id", "conversation_id", "role", "state", "error", *_KEPT)),
        sa.column("cost", _money),
        sa.column("created_at", _moment),
    )
    chat = sa.table("conversations", *(sa.column(name) for name in ("id", "owner", "kind")))
    query = (
        sa.select(message, chat.c.owner, chat.c.kind)
        .join(chat, chat.c.id == message.c.conversation_id)
        .where(message.c.role == "assistant", sa.or_(message.c.cost.is_not(None), message.c.generation_id.is_not(None)))
    )
    return [
        {
            **_row(row.owner, row.conversation_id, row.created_at, row.cost),
            **{name: getattr(row, name) for name in _KEPT},
            "zdr": bool(row.zdr),
            "simulated": bool(row.simulated),
            "message_id": row.id,
            "kind": row.kind,
            "state": _ENDED.get(row.state, row.state),
        }
        for row in connection.execute(query)
    ]


def _from_titles(connection: sa.Connection) -> list[dict[str, Any]]:
    chat = sa.table(
        "conversations",
        sa.column("id"),
        sa.column("owner"),
        sa.column("extra_cost", _money),
        sa.column("created_at", _moment),
    )
    found = [row for row in connection.execute(sa.select(chat)) if Decimal(row.extra_cost)]
    return [_row(row.owner, row.id, row.created_at, row.extra_cost) for row in found]


def _row(owner: str, conversation_id: str, moment: datetime, cost: Any) -> dict[str, Any]:
    amount = None if cost is None else int(Decimal(cost).scaleb(12).to_integral_value())
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return {
        **dict.fromkeys(_KEPT),
        "id": uuid4().hex,
        "owner": owner,
        "conversation_id": conversation_id,
        "message_id": None,
        "kind": "earlier",
        "state": "done",
        "error": None,
        "day": at.astimezone(UTC).date(),
        "started_at": at.astimezone(UTC),
        "cost": amount,
        "charged": None,
        "zdr": False,
        "simulated": False,
        "lookups": 0,
    }
