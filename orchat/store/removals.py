"""Removals: messages taken out of a conversation, with all that follows them, and brought back.

What is removed becomes a deleted conversation of its own: so it is found, listed and exported no more, and purged when
deleted conversations are.
"""

from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from orchat.errors import NotFoundError
from orchat.store.access import CONVERSATION_COLUMNS, not_found, read_conversation, read_message
from orchat.store.database import Database
from orchat.store.messages import BELOW, NEWEST_BELOW
from orchat.store.records import Conversation, Message
from orchat.store.tables import conversations, messages

TAKEN_FROM = "taken_from"
"""Where the settings of such a conversation name the one that its messages were taken from."""
_FIRST, _PARENT, _LEAF = "first", "parent", "leaf"


class RemovalStore(Database):
    """The part of the store that removes messages. A foreign or unknown id raises NotFoundError."""

    def remove(self, owner: str, message_id: str) -> str:
        """Take a message out of its conversation, with all that follows it; return by which id it can be brought back.

        If it was shown, the version beside it is now, or else what it followed.
        """
        with self._writing() as connection:
            message = read_message(connection, owner, message_id)
            chat = read_conversation(connection, owner, message.conversation_id, lock=True)
            first = _with_its_instruction(connection, owner, message)
            gone = set(connection.execute(select(BELOW.c.id), {"message_id": first.id}).scalars())
            origin = {TAKEN_FROM: chat.id, _FIRST: first.id, _PARENT: first.parent_id, _LEAF: chat.leaf_id}
            # As old as the chat, with which it is outdated.
            removed = replace(chat, id=self._new_id(), title="", leaf_id=None, settings=origin, deleted_at=self._now())
            values = {column.name: getattr(removed, column.name) for column in CONVERSATION_COLUMNS}
            connection.execute(insert(conversations), values)
            connection.execute(update(messages).where(messages.c.id.in_(gone)).values(conversation_id=removed.id))
            connection.execute(update(messages).where(messages.c.id == first.id).values(parent_id=None))
            if chat.leaf_id in gone:
                _show(connection, chat.id, _shown_instead(connection, chat.id, first))
        return removed.id

    def bring_back(self, owner: str, removed_id: str) -> Conversation:
        """Undo `remove`, and show what was shown then; return the conversation.

        Raises NotFoundError too when what the messages followed is gone itself.
        """
        with self._writing() as connection:
            origin = read_conversation(connection, owner, removed_id, lock=True).settings
            if TAKEN_FROM not in origin:
                raise not_found()
            chat_id, parent_id = origin[TAKEN_FROM], origin[_PARENT]
            read_conversation(connection, owner, chat_id, lock=True)
            if parent_id is not None:
                read_message(connection, owner, parent_id, chat_id)
            moved = update(messages).where(messages.c.conversation_id == removed_id)
            connection.execute(moved.values(conversation_id=chat_id))
            first = (messages.c.id == origin[_FIRST], messages.c.conversation_id == chat_id)
            connection.execute(update(messages).where(*first).values(parent_id=parent_id))
            connection.execute(delete(conversations).where(conversations.c.id == removed_id))
            if _is_in(connection, owner, origin[_LEAF], chat_id):
                _show(connection, chat_id, origin[_LEAF])
            return read_conversation(connection, owner, chat_id)


def _with_its_instruction(connection: Connection, owner: str, message: Message) -> Message:
    """The message, or the instruction before it that nobody is shown and that led to it alone."""
    if message.parent_id is None:
        return message
    parent = read_message(connection, owner, message.parent_id)
    children = connection.execute(select(messages.c.id).where(messages.c.parent_id == parent.id)).scalars().all()
    return parent if parent.is_instruction and len(children) == 1 else message


def _shown_instead(connection: Connection, conversation_id: str, first: Message) -> str | None:
    """The end of the branch that is shown when `first` and what follows it is gone."""
    beside = (
        messages.c.conversation_id == conversation_id,
        messages.c.parent_id.is_not_distinct_from(first.parent_id),
    )
    latest = select(messages.c.id).where(*beside).order_by(messages.c.number.desc()).limit(1)
    sibling = connection.execute(latest).scalar_one_or_none()
    if sibling is None:
        return first.parent_id
    return str(connection.execute(NEWEST_BELOW, {"message_id": sibling}).scalar_one())


def _show(connection: Connection, conversation_id: str, leaf_id: str | None) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(leaf_id=leaf_id))


def _is_in(connection: Connection, owner: str, message_id: str | None, conversation_id: str) -> bool:
    try:
        return message_id is not None and bool(read_message(connection, owner, message_id, conversation_id))
    except NotFoundError:
        return False
