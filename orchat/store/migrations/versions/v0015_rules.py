"""What operators set on a page, with its history; and answers that came from where they may not."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add a table and a column, and move the notice there."""
    op.create_table(
        "setting_changes",
        sa.Column("number", _number, sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "name")),
        *(sa.Column(name, sa.JSON()) for name in ("old", "new")),
        sa.PrimaryKeyConstraint("number", name="pk_setting_changes"),
    )
    op.create_index("ix_setting_changes_name", "setting_changes", ["name"])
    op.add_column("calls", sa.Column("against_rules", sa.Text()))
    _move_the_notice()


def _move_the_notice() -> None:
    preferences = sa.table("preferences", sa.column("owner"), sa.column("name"), sa.column("value", sa.JSON()))
    changes = sa.table(
        "setting_changes",
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("actor"),
        sa.column("name"),
        sa.column("new", sa.JSON()),
    )
    notice = (preferences.c.owner == "@everybody", preferences.c.name == "notice")
    connection = op.get_bind()
    text = connection.execute(sa.select(preferences.c.value).where(*notice)).scalar_one_or_none()
    if text:
        row = {"at": sa.func.current_timestamp(), "actor": "", "name": "notice", "new": {"value": text}}
        connection.execute(sa.insert(changes).values(**row))
    connection.execute(sa.delete(preferences).where(*notice))
