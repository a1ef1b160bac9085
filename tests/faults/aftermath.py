"""What has to hold after every fault: nothing lost that was acknowledged, nothing doubled, the database sound."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from orchat.store import Message, Store
from orchat.store.access import MESSAGE_COLUMNS, to_message
from orchat.store.tables import conversations, messages


@dataclass(frozen=True)
class Acknowledged:
    """A message of which somebody was told that it is kept, and what they were told of it."""

    owner: str
    chat: str
    message: str
    role: str
    state: str
    text: str | None = None
    """None: only that there is one."""


def seen(owner: str, *these: Message) -> list[Acknowledged]:
    """What a person has seen."""
    return [Acknowledged(owner, one.conversation_id, one.id, one.role, one.state, one.text) for one in these]


def assert_nothing_lost_or_doubled(store: Store, acknowledged: Iterable[Acknowledged]) -> None:
    """Look through everything that there is, of everybody; `acknowledged` is all that anybody was ever told of.

    What nobody was told of may be there where the fault was: one message at most, and none beside one that was told of.
    """
    assert_sound(store)
    told = list(acknowledged)
    with store._engine.connect() as connection:
        owners = dict(tuple(row) for row in connection.execute(select(conversations.c.id, conversations.c.owner)))
        leaves = connection.execute(select(conversations.c.id, conversations.c.leaf_id)).all()
        rows = connection.execute(select(*MESSAGE_COLUMNS).order_by(messages.c.number)).all()
    kept = {message.id: message for message in map(to_message, rows)}
    for one in told:
        assert one.message in kept, f"lost: {one}"
        message = kept[one.message]
        found = (owners[message.conversation_id], message.conversation_id, message.role, message.state)
        assert found == (one.owner, one.chat, one.role, one.state)
        assert message.text == one.text if one.text is not None else message.text or one.state != "done"
    _assert_none_doubled(kept.values(), {one.message for one in told})
    for message in kept.values():
        above = kept.get(message.parent_id or "", message)
        assert above.conversation_id == message.conversation_id, "a message is below one of another chat"
    for chat, leaf in leaves:
        assert leaf is None or kept[leaf].conversation_id == chat


def _assert_none_doubled(kept: Iterable[Message], told: set[str]) -> None:
    # A first question has no parent: what is first in one chat is side by side too.
    places: dict[tuple[str, str | None], list[Message]] = {}
    for message in kept:
        places.setdefault((message.conversation_id, message.parent_id), []).append(message)
    for there in places.values():
        untold = [message for message in there if message.id not in told]
        assert len(untold) <= 1 - any(message.id in told for message in there), f"doubled: {there}"


def assert_sound(store: Store) -> None:
    """What the database itself can find wrong with its tables and indexes: nothing."""
    with store._engine.connect() as connection:
        if store._engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        else:
            _assert_postgresql_sound(connection)


def _assert_postgresql_sound(connection: Any) -> None:
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
    tables = "FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    checked = f"SELECT count(*), sum((SELECT count(*) FROM verify_heapam(oid))) {tables}"
    found, faults = connection.execute(text(checked)).one()
    assert (found > 0, faults) == (True, 0)
    indexes = "FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam"
    # Raises for an index that lacks a row of its table, or has them in another order.
    every = f"SELECT bt_index_check(indexrelid, true) {indexes} WHERE amname = 'btree' AND indisvalid"
    connection.execute(text(f"{every} AND relnamespace = current_schema()::regnamespace"))
