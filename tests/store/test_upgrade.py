"""From every earlier schema, with data in it, to the newest: nothing is lost. New revisions are tried by themselves."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from orchat.store import Store, schema
from orchat.store.engine import open_engine

EARLIER = [
    script.revision
    for script in reversed(list(ScriptDirectory(schema._MIGRATIONS).walk_revisions()))
    if script.revision != schema.HEAD
]
ROWS = 3
MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
KNOWN = {
    "role": "assistant",
    "state": "done",
    "kind": "chat",
    "title_source": "words",
    "settings": {"zdr": True},
    "wire": {"role": "assistant", "content": "The zebra ü \u2028 🦓"},
    "leaf_id": None,
    "parent_id": None,
    "deleted_at": None,
    "archived_at": None,
}
"""What has to have a meaning; everything else is made up."""


def at(url: str, revision: str) -> None:
    """Make a database as an earlier orchat has left it."""
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    engine = open_engine(url)
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def made_up(column: sa.Column[Any], number: int) -> Any:
    if column.name in KNOWN:
        return KNOWN[column.name]
    if column.foreign_keys:
        return made_up(next(iter(column.foreign_keys)).column, number)
    of_its_kind: dict[type[sa.types.TypeEngine[Any]], Any] = {
        sa.Boolean: number % 2 == 0,
        sa.Integer: number + 1,
        sa.Numeric: Decimal("0.25"),
        sa.DateTime: MOMENT if getattr(column.type, "timezone", False) else MOMENT.replace(tzinfo=None),
        sa.Date: MOMENT.date(),
        sa.JSON: {"of": column.name},
        sa.LargeBinary: b"\x00\xff of " + column.name.encode(),
    }
    kind = next((kind for kind in of_its_kind if isinstance(column.type, kind)), None)
    # Exact money is text in SQLite.
    words = "0.25" if column.name.endswith("cost") else f"{column.name} {number}"
    return of_its_kind[kind] if kind else words


def tables_of(engine: sa.Engine) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(engine, only=lambda name, _: not name.startswith(("message_search", "alembic")))
    return metadata.sorted_tables


def fill(url: str) -> dict[str, list[dict[str, Any]]]:
    """Put rows into every table; return them by table."""
    engine, filled = open_engine(url), {}
    with engine.execution_options(writes=True).begin() as connection:
        for table in tables_of(engine):
            columns = [column for column in table.c if column.name != "number"]
            rows = [{column.name: made_up(column, number) for column in columns} for number in range(ROWS)]
            connection.execute(table.insert(), rows)
            filled[table.name] = rows
    engine.dispose()
    return filled


def read(url: str) -> dict[str, list[dict[str, Any]]]:
    engine, found = open_engine(url), {}
    with engine.connect() as connection:
        for table in tables_of(engine):
            rows = connection.execute(sa.select(table)).mappings().all()
            found[table.name] = [dict(row) for row in rows]
    engine.dispose()
    return found


def test_there_are_earlier_schemas_to_try():
    assert EARLIER[0] == "0001"
    assert len(EARLIER) >= 5


@pytest.mark.parametrize("revision", EARLIER)
def test_a_database_of_an_earlier_schema_is_brought_up_to_date_with_all_that_is_in_it(url: str, revision: str):
    at(url, revision)
    filled = fill(url)
    before = read(url)
    with Store.open(url) as store:
        after = read(url)
        for name, rows in filled.items():
            kept = after[name]
            assert len(kept) >= len(rows) == len(before[name])
            for old in before[name]:
                still_there = [name for name in old if name in kept[0]]
                assert {name: old[name] for name in still_there} in [
                    {name: new[name] for name in still_there} for new in kept
                ]
        # What it says can be read and found, and the books are added up.
        for number in range(ROWS):
            owner, chat = f"owner {number}", f"id {number}"
            assert [found.id for found in store.conversations(owner)] == [chat]
            [message] = store.all_messages(owner, chat)
            assert message.text == KNOWN["wire"]["content"]
            assert [hit.conversation_id for hit in store.search(owner, "zebra")] == [chat]
            answer = store.add_message(owner, chat, role="user", wire={"content": "!"}, parent_id=message.id)
            assert store.branch(owner, chat) == [message, answer]
