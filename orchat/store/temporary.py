"""Temporary chats: in memory and nowhere else, beside the database that keeps everything else."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import timedelta
from functools import wraps
from threading import Lock
from typing import Any, Self, get_type_hints
from uuid import uuid4

from sqlalchemy import Connection, delete, select, update

from orchat.errors import NotFoundError, StoreError
from orchat.store.branches import BranchStore
from orchat.store.checkpoints import CheckpointStore
from orchat.store.conversations import ConversationStore
from orchat.store.database import Clock, explained, utc_now
from orchat.store.engine import open_in_memory
from orchat.store.files import UNUSED_BLOBS, FileStore
from orchat.store.imports import NewConversation, NewFile, NewMessage
from orchat.store.messages import MessageStore
from orchat.store.organising import OrganisingStore
from orchat.store.ratings import RatingStore
from orchat.store.records import THREAD, Conversation, Kind, Message, MessageFields
from orchat.store.removals import TAKEN_FROM, RemovalStore
from orchat.store.store import Store
from orchat.store.tables import calls, conversations, messages, metadata
from orchat.temporary import PREFIX, is_temporary

OF_A_CHAT = (
    ConversationStore,
    OrganisingStore,
    BranchStore,
    MessageStore,
    RatingStore,
    RemovalStore,
    FileStore,
    CheckpointStore,
)
"""The parts of the store that keep what is said. All others, the ledger above all, know only one place."""
NAMES = ("conversation_id", "removed_id", "message_id", "thread_id", "message", "message_ids")
"""The parameters that name a chat or something in it."""


class MemoryStore(Store):
    """A store of the same tables in this process' memory; it ends with the process."""

    _closed = False

    @classmethod
    def in_memory(cls, now: Clock = utc_now) -> Self:
        """Open an empty one."""
        engine = open_in_memory()
        metadata.create_all(engine)
        return cls(engine, now)

    def close(self) -> None:
        """Wait for whoever has the database, and close it; who comes later gets a StoreError."""
        # SQLite crashes the process when a connection is closed under somebody's statement.
        with self._turn:
            self._closed = True
            super().close()

    def _new_id(self) -> str:
        return PREFIX + uuid4().hex

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(), self._turn:
            if self._closed:
                raise StoreError("Temporary chats are closed, since orchat is ending.", advice="Start orchat again.")
            with self._writer.begin() as connection:
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        # There is one connection, and one thread has it at a time.
        with self._writing() as connection:
            yield connection

    def used_bytes(self) -> int:
        """How much memory what is kept takes."""
        with self._reading() as connection:
            pages, free, size = (
                int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
                for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * size

    def forget(self, owner: str, conversation_id: str) -> None:
        """Remove a chat with all that is in it, for good."""
        of = (conversations.c.id == conversation_id, conversations.c.owner == owner)
        with self._writing() as connection:
            if connection.execute(select(conversations.c.id).where(*of)).first() is None:
                return
            # With what was taken out of it, which is a deleted chat of its own.
            others = connection.execute(select(conversations.c.id, conversations.c.settings)).all()
            ids = [conversation_id, *(other for other, kept in others if kept.get(TAKEN_FROM) == conversation_id)]
            connection.execute(delete(messages).where(messages.c.conversation_id.in_(ids)))
            connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
            connection.execute(UNUSED_BLOBS)

    def unused(self, since: timedelta) -> list[tuple[str, str]]:
        """Owner and id of each chat in which nobody has said anything for so long."""
        query = select(conversations.c.owner, conversations.c.id)
        with self._reading() as connection:
            rows = connection.execute(query.where(conversations.c.updated_at <= self._now() - since)).all()
        return [(owner, conversation_id) for owner, conversation_id in rows]


class DividedStore(Store):
    """The store of a process: whatever names a temporary chat is done in memory, all else in the database."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._memory: MemoryStore | None = None
        self._making = Lock()

    @property
    def temporary(self) -> MemoryStore:
        """The temporary chats."""
        with self._making:
            if self._memory is None:
                self._memory = MemoryStore.in_memory(self._now)
            return self._memory

    def unused_temporary(self, since: timedelta) -> list[tuple[str, str]]:
        """Owner and id of each temporary chat in which nobody has said anything for so long; with zero, of all."""
        return self._memory.unused(since) if self._memory is not None else []

    def temporary_bytes(self) -> int:
        """How much memory all temporary chats of this process take."""
        return self._memory.used_bytes() if self._memory is not None else 0

    def close(self) -> None:
        """Close all connections; what is in memory is gone."""
        with self._making:
            if self._memory is not None:
                self._memory.close()
        super().close()

    def begin_temporary(
        self, owner: str, *, kind: Kind = "chat", settings: Mapping[str, Any] | None = None
    ) -> Conversation:
        """Start an empty conversation that is never written to a disk."""
        return self.temporary.create_conversation(owner, kind=kind, settings=settings)

    def file_data(self, owner: str, sha256: str) -> bytes:
        """The bytes of a file of any of the owner's conversations."""
        try:
            return super().file_data(owner, sha256)
        except NotFoundError:
            return self.temporary.file_data(owner, sha256)

    def keep(self, owner: str, conversation_id: str) -> Conversation:
        """Copy a temporary chat into the database, under new ids, and let what it has cost count for the copy."""
        memory = self.temporary
        chat = memory.conversation(owner, conversation_id)
        resting: dict[str, str] = {}
        new = NewConversation(
            title=chat.title,
            messages=[_new(message, resting) for message in memory.all_messages(owner, conversation_id)],
            created_at=chat.created_at,
            updated_at=chat.updated_at,
            kind=chat.kind,
            settings=chat.settings,
            leaf=chat.leaf_id,
            files=[
                NewFile(file.name, file.mime, file.kind, memory.file_data(owner, file.sha256))
                for file in memory.files(owner, conversation_id)
            ],
        )
        (kept,) = self.add_conversations(owner, [new])
        spent = update(calls).where(calls.c.owner == owner, calls.c.conversation_id == conversation_id)
        with self._writing() as connection:
            connection.execute(spent.values(conversation_id=kept))
        for thread, renamed in resting.items():
            if (data := memory.checkpoint(owner, thread)) is not None:
                self.save_checkpoint(owner, kept, renamed, data)
        return self.conversation(owner, kept)

    @contextmanager
    def _with_the_chat(self, connection: Connection, conversation_id: str | None) -> Iterator[Connection]:
        if not is_temporary(conversation_id):
            yield connection
            return
        with self.temporary._writing() as memory:  # noqa: SLF001 - it is this store's own
            yield memory


_FIELDS = get_type_hints(MessageFields)


def _new(message: Message, resting: dict[str, str]) -> NewMessage:
    """A message as it is added; `resting` takes the names of checkpoints, which become other ones."""
    if message.state == "waiting" and (thread := (message.details or {}).get(THREAD)):
        renamed = resting.setdefault(str(thread), uuid4().hex)
        message = replace(message, details={**(message.details or {}), THREAD: renamed})
    known = MessageFields(**{f.name: getattr(message, f.name) for f in fields(message) if f.name in _FIELDS})  # type: ignore[typeddict-item] # the names are its own
    return NewMessage(message.id, message.parent_id, message.role, message.wire, message.created_at, known)


def _divided(name: str, method: Callable[..., Any]) -> Callable[..., Any] | None:
    """Return a method that goes to memory when it is called for a temporary chat; None where it names no chat."""
    signature = inspect.signature(method)
    named = [parameter for parameter in NAMES if parameter in signature.parameters]
    if not named:
        return None

    @wraps(method)
    def divided(self: DividedStore, *args: Any, **options: Any) -> Any:
        given = signature.bind(self, *args, **options).arguments
        if any(is_temporary(given.get(parameter)) for parameter in named):
            return getattr(self.temporary, name)(*args, **options)
        return method(self, *args, **options)

    return divided


for _part in OF_A_CHAT:
    for _name, _method in vars(_part).items():
        if not _name.startswith("_") and _name not in vars(DividedStore) and (_routed := _divided(_name, _method)):
            setattr(DividedStore, _name, _routed)
