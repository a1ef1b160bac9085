"""Reading records as their owner: a foreign id and an unknown one are the same "not found"."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select

from orchat.errors import NotFoundError
from orchat.store.records import Conversation, File, Message
from orchat.store.tables import conversations, files, messages

# In the order of the fields, so that a row is the arguments of its record.
CONVERSATION_COLUMNS = [conversations.c[field.name] for field in fields(Conversation)]
MESSAGE_COLUMNS = [messages.c[field.name] for field in fields(Message)]
FILE_COLUMNS = [files.c[field.name] for field in fields(File)]

# Built once, like all statements that a page asks with each time it is drawn: building costs as much as running.
mine = (conversations.c.id == bindparam("conversation_id"), conversations.c.owner == bindparam("owner"))
"""The conditions that pick the conversation `conversation_id`, if it is `owner`'s."""
_CONVERSATION = select(*CONVERSATION_COLUMNS).where(*mine)
# SQLite ignores FOR UPDATE: a transaction that writes holds the whole database there.
_LOCKED_CONVERSATION = _CONVERSATION.with_for_update()
_MESSAGE = select(*MESSAGE_COLUMNS).join(conversations).where(messages.c.id == bindparam("message_id"), mine[1])
_MESSAGE_IN_CONVERSATION = _MESSAGE.where(mine[0])


def not_found() -> NotFoundError:
    """The one answer to an unknown and to a foreign id, so that ids of others cannot be probed."""
    return NotFoundError("There is no such conversation.")


def owns(owner: str, conversation_id: str) -> ColumnElement[bool]:
    """The condition that picks this conversation, if it is this owner's."""
    return and_(conversations.c.id == conversation_id, conversations.c.owner == owner)


def read_conversation(connection: Connection, owner: str, conversation_id: str, *, lock: bool = False) -> Conversation:
    """The conversation; with `lock`, nobody else changes it until the transaction ends. Raises NotFoundError."""
    query = _LOCKED_CONVERSATION if lock else _CONVERSATION
    row = connection.execute(query, {"owner": owner, "conversation_id": conversation_id}).one_or_none()
    if row is None:
        raise not_found()
    return to_conversation(row)


def read_message(connection: Connection, owner: str, message_id: str, conversation_id: str | None = None) -> Message:
    """The message, of this conversation if one is given. Raises NotFoundError."""
    values = {"owner": owner, "message_id": message_id}
    if conversation_id is None:
        row = connection.execute(_MESSAGE, values).one_or_none()
    else:
        row = connection.execute(_MESSAGE_IN_CONVERSATION, {**values, "conversation_id": conversation_id}).one_or_none()
    if row is None:
        raise not_found()
    return to_message(row)


def to_conversation(row: Sequence[Any]) -> Conversation:
    """The record of a row of CONVERSATION_COLUMNS."""
    return Conversation(*row)


def to_message(row: Sequence[Any]) -> Message:
    """The record of a row of MESSAGE_COLUMNS."""
    return Message(*row)


def to_file(row: Sequence[Any]) -> File:
    """The record of a row of FILE_COLUMNS."""
    return File(*row)
