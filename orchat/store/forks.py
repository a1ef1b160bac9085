"""Forks: a conversation begun with a copy of another one, up to one of its messages."""

from dataclasses import replace
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from orchat.store.access import CONVERSATION_COLUMNS, FILE_COLUMNS, MESSAGE_COLUMNS, read_conversation, read_message
from orchat.store.branches import branch_of
from orchat.store.database import Database
from orchat.store.records import Conversation, Message, State
from orchat.store.tables import conversations, files, messages

FORKED = " (fork)"
ENDED: dict[State, State] = {"streaming": "cut_off", "waiting": "cut_off"}
"""How a copy has ended of what goes on: nobody writes it there, and nothing waits there for a decision."""


class ForkStore(Database):
    """The part of the store that forks."""

    def fork(self, owner: str, message_id: str) -> Conversation:
        """Begin a conversation with a copy of the branch that ends with this message, and of its files.

        What the copied messages cost is known of them, and was paid for once: the ledger has nothing new. Raises
        NotFoundError.
        """
        now = self._now()
        with self._writing() as connection:
            last = read_message(connection, owner, message_id)
            old = read_conversation(connection, owner, last.conversation_id)
            title = old.title and old.title.removesuffix(FORKED) + FORKED
            new = replace(
                old,
                id=uuid4().hex,
                title=title,
                created_at=now,
                updated_at=now,
                pinned_at=None,
                archived_at=None,
                deleted_at=None,
                leaf_id=None,
            )
            values = {column.name: getattr(new, column.name) for column in CONVERSATION_COLUMNS}
            # A cost that becomes known in this moment is read with the message, or told to the copy afterwards.
            unpriced = (messages.c.conversation_id == old.id, messages.c.cost.is_(None))
            connection.execute(select(messages.c.id).where(*unpriced).with_for_update(read=True))
            copies = _copies(connection, message_id, new.id)
            connection.execute(insert(conversations), {**values, "leaf_id": copies[-1].id})
            rows = [{column.name: getattr(copy, column.name) for column in MESSAGE_COLUMNS} for copy in copies]
            connection.execute(insert(messages), rows)
            _copy_files(connection, owner, old.id, new.id)
        return replace(new, leaf_id=copies[-1].id)


def _copies(connection: Connection, message_id: str, conversation_id: str) -> list[Message]:
    copies: list[Message] = []
    for message in branch_of(connection, message_id):
        copy = replace(
            message,
            id=uuid4().hex,
            conversation_id=conversation_id,
            parent_id=copies[-1].id if copies else None,
            state=ENDED.get(message.state, message.state),
            # Of a copy's copy it is the first that was paid for.
            copied_from=message.copied_from or message.id,
        )
        copies.append(copy)
    return copies


def _copy_files(connection: Connection, owner: str, old_id: str, new_id: str) -> None:
    """Keep the same files with the other conversation: their bytes are there once for their owner."""
    query = select(*FILE_COLUMNS).where(files.c.conversation_id == old_id).order_by(files.c.number)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    if rows:
        connection.execute(insert(files), [{**row, "owner": owner, "conversation_id": new_id} for row in rows])
