"""Imports: whole conversations added at once, with new ids, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select

from orchat.store.access import MESSAGE_COLUMNS
from orchat.store.database import Database
from orchat.store.files import MAX_FILE, digest
from orchat.store.organising import add_tags
from orchat.store.ratings import Rating, add_rating
from orchat.store.records import Kind, MessageFields, Role
from orchat.store.tables import blobs, conversations, files, messages


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be added; `key` and `parent` name it and what it follows within its conversation."""

    key: str
    parent: str | None
    role: Role
    wire: dict[str, Any]
    created_at: datetime
    known: MessageFields = field(default_factory=MessageFields)
    rating: Rating | None = None


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be kept with the conversation."""

    name: str
    mime: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class NewConversation:
    """A conversation to be added: its messages each after the one that it follows."""

    title: str
    messages: Sequence[NewMessage]
    created_at: datetime
    updated_at: datetime
    kind: Kind = "chat"
    settings: dict[str, Any] = field(default_factory=dict)
    leaf: str | None = None
    """The key of the message at the end of the branch that is shown; None: the last one."""
    files: Sequence[NewFile] = ()
    tags: Sequence[str] = ()
    pinned_at: datetime | None = None
    archived_at: datetime | None = None


class ImportStore(Database):
    """The part of the store that takes in what was kept elsewhere."""

    def add_conversations(self, owner: str, added: Sequence[NewConversation]) -> list[str]:
        """Add all of them in one transaction, under new ids; returns these. What is there already is not touched."""
        ids = [uuid4().hex for _ in added]
        with self._writing() as connection:
            for conversation_id, new in zip(ids, added, strict=True):
                names = {message.key: uuid4().hex for message in new.messages}
                leaf = new.leaf if new.leaf is not None else next(reversed(names), None)
                row = _conversation(owner, conversation_id, new, None if leaf is None else names[leaf])
                connection.execute(insert(conversations), row)
                rows = [self._message(conversation_id, message, names) for message in new.messages]
                if rows:
                    connection.execute(insert(messages), rows)
                add_tags(connection, owner, conversation_id, new.tags)
                for message in new.messages:
                    if message.rating is not None:
                        add_rating(connection, names[message.key], message.rating)
                for file in new.files:
                    self._add_file(connection, owner, conversation_id, file)
        return ids

    def _message(self, conversation_id: str, new: NewMessage, names: dict[str, str]) -> dict[str, Any]:
        row: dict[str, Any] = {column.name: None for column in MESSAGE_COLUMNS}
        return {
            **row,
            "state": "done",
            "auto": False,
            "zdr": False,
            "simulated": False,
            **new.known,
            "id": names[new.key],
            "conversation_id": conversation_id,
            "parent_id": names[new.parent] if new.parent is not None else None,
            "role": new.role,
            "wire": new.wire,
            "created_at": new.created_at,
            "saved_at": self._now(),
        }

    def _add_file(self, connection: Any, owner: str, conversation_id: str, file: NewFile) -> None:
        sha256 = digest(file.data[:MAX_FILE])
        known = select(blobs.c.sha256).where(blobs.c.owner == owner, blobs.c.sha256 == sha256)
        if connection.execute(known).one_or_none() is None:
            connection.execute(insert(blobs), {"owner": owner, "sha256": sha256, "data": file.data[:MAX_FILE]})
        row = {"sha256": sha256, "name": file.name, "mime": file.mime, "kind": file.kind, "size": len(file.data)}
        place = {"conversation_id": conversation_id, "owner": owner, "created_at": self._now()}
        connection.execute(insert(files), {**row, **place})


def _conversation(owner: str, conversation_id: str, new: NewConversation, leaf_id: str | None) -> dict[str, Any]:
    return {
        "id": conversation_id,
        "owner": owner,
        "title": new.title,
        "title_source": "user" if new.title else "",
        "kind": new.kind,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
        "deleted_at": None,
        "leaf_id": leaf_id,
        "settings": new.settings,
        "pinned_at": new.pinned_at,
        "archived_at": new.archived_at,
    }
