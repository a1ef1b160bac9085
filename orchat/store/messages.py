"""Messages: a tree in each conversation, in which an edit or another answer is a sibling of what it replaces."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Unpack

from sqlalchemy import CTE, bindparam, exists, func, insert, select, update

from orchat.store.access import MESSAGE_COLUMNS, not_found, read_conversation, read_message, to_message
from orchat.store.branches import branch_of
from orchat.store.database import Database
from orchat.store.records import LEARNED, Message, MessageFields, Role
from orchat.store.shared_tables import answered_now
from orchat.store.tables import conversations, messages

_PLACE = {"id", "conversation_id", "parent_id", "created_at"}
_SAVED = [column.name for column in MESSAGE_COLUMNS if column.name not in _PLACE]

_ADD = insert(messages)
_SAVE = (
    update(messages)
    .where(
        messages.c.id == bindparam("message_id"),
        messages.c.conversation_id == bindparam("in_conversation"),
        exists().where(
            conversations.c.id == messages.c.conversation_id, conversations.c.owner == bindparam("of_owner")
        ),
    )
    .values(
        {
            name: func.coalesce(bindparam(f"known_{name}", type_=messages.c[name].type), messages.c[name])
            for name in LEARNED
        }
    )
)
_SHOW = update(conversations).where(
    conversations.c.id == bindparam("in_conversation"), conversations.c.owner == bindparam("of_owner")
)


class MessageStore(Database):
    """The part of the store that knows messages.

    Every method names the owner and raises NotFoundError when the conversation or the message is not this owner's.
    """

    def add_message(
        self,
        owner: str,
        conversation_id: str,
        *,
        role: Role,
        wire: Mapping[str, Any],
        parent_id: str | None,
        **known: Unpack[MessageFields],
    ) -> Message:
        """Append a message to its parent (None: to the root) and show the branch that it ends."""
        now = self._now()
        message = Message(
            id=self._new_id(),
            conversation_id=conversation_id,
            parent_id=parent_id,
            role=role,
            wire=dict(wire),
            created_at=now,
            saved_at=now,
            **known,
        )
        with self._writing() as connection:
            shown = {"leaf_id": message.id, "updated_at": now}
            keys = {"in_conversation": conversation_id, "of_owner": owner}
            if connection.execute(_SHOW, shown | keys).rowcount == 0:
                raise not_found()
            if parent_id is not None:
                read_message(connection, owner, parent_id, conversation_id)
            connection.execute(_ADD, {c.name: getattr(message, c.name) for c in MESSAGE_COLUMNS})
        return message

    def save_message(self, owner: str, message: Message) -> Message:
        """Save all of a message but its place in the tree; what its cost has become known to be stays known."""
        message = replace(message, saved_at=self._now())
        values = {f"known_{name}" if name in LEARNED else name: getattr(message, name) for name in _SAVED}
        keys = {"message_id": message.id, "in_conversation": message.conversation_id, "of_owner": owner}
        with self._writing() as connection:
            if connection.execute(_SAVE, values | keys).rowcount == 0:
                raise not_found()
        return message

    def cut_off(self, owner: str, message_id: str) -> Message:
        """Mark an answer that nobody is writing any more; one that has ended, or that a replica writes, stays."""
        with self._writing() as connection:
            message = read_message(connection, owner, message_id)
            still_streaming = (messages.c.id == message_id, messages.c.state == "streaming", ~answered_now())
            connection.execute(update(messages).where(*still_streaming).values(state="cut_off"))
            return read_message(connection, owner, message.id)

    def message(self, owner: str, message_id: str) -> Message:
        """One message."""
        with self._reading() as connection:
            return read_message(connection, owner, message_id)

    def branch(self, owner: str, conversation_id: str, leaf_id: str | None = None) -> list[Message]:
        """The messages from the root to a leaf (default: the branch that is shown), oldest first."""
        with self._reading() as connection:
            if leaf_id is None:
                leaf_id = read_conversation(connection, owner, conversation_id).leaf_id
            if leaf_id is None:
                return []
            read_message(connection, owner, leaf_id, conversation_id)
            return branch_of(connection, leaf_id)

    def all_messages(self, owner: str, conversation_id: str) -> list[Message]:
        """The messages of all branches, in the order of writing."""
        query = (
            select(*MESSAGE_COLUMNS).where(messages.c.conversation_id == conversation_id).order_by(messages.c.number)
        )
        with self._reading() as connection:
            read_conversation(connection, owner, conversation_id)
            return [to_message(row) for row in connection.execute(query).all()]

    def siblings(self, owner: str, message_id: str) -> list[Message]:
        """The alternatives at this place of the tree, the message itself among them, oldest first."""
        with self._reading() as connection:
            message = read_message(connection, owner, message_id)
            same_place = (
                messages.c.conversation_id == message.conversation_id,
                messages.c.parent_id.is_not_distinct_from(message.parent_id),
            )
            query = select(*MESSAGE_COLUMNS).where(*same_place).order_by(messages.c.number)
            return [to_message(row) for row in connection.execute(query).all()]

    def leaf_below(self, owner: str, message_id: str) -> str:
        """The id of the newest leaf of the tree below this message: where switching to a sibling leads."""
        with self._reading() as connection:
            read_message(connection, owner, message_id)
            return str(connection.execute(NEWEST_BELOW, {"message_id": message_id}).scalar_one())


def _descent() -> CTE:
    columns = (messages.c.number, messages.c.id)
    below = select(*columns).where(messages.c.id == bindparam("message_id")).cte("below", recursive=True)
    return below.union_all(select(*columns).join(below, messages.c.parent_id == below.c.id))


BELOW = _descent()
"""The message `message_id` and all that follow it, as `number` and `id`."""
# The message written last is a leaf: whatever follows another one is written after it.
NEWEST_BELOW = select(BELOW.c.id).order_by(BELOW.c.number.desc()).limit(1)
