"""Conversations: listed, named, configured, deleted and brought back by their owner."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, insert, select, tuple_, update

from orchat.store.access import CONVERSATION_COLUMNS, owns, read_conversation, read_message, to_conversation
from orchat.store.database import Database
from orchat.store.records import Conversation, Kind, TitleSource
from orchat.store.tables import conversations, tags


class ConversationStore(Database):
    """The part of the store that knows conversations.

    Every method names the owner and raises NotFoundError when the conversation is not this owner's.
    A deleted conversation can still be read and written by its id, until it is purged: an answer that is on its way
    is saved, what it costs is counted, and the deletion can be undone.
    """

    def create_conversation(
        self, owner: str, *, kind: Kind = "chat", settings: Mapping[str, Any] | None = None
    ) -> Conversation:
        """Start an empty conversation."""
        now = self._now()
        conversation = Conversation(
            id=self._new_id(), owner=owner, kind=kind, created_at=now, updated_at=now, settings=dict(settings or {})
        )
        with self._writing() as connection:
            values = {column.name: getattr(conversation, column.name) for column in CONVERSATION_COLUMNS}
            connection.execute(insert(conversations), values)
        return conversation

    def conversation(self, owner: str, conversation_id: str) -> Conversation:
        """One conversation, deleted or not."""
        with self._reading() as connection:
            return read_conversation(connection, owner, conversation_id)

    def conversations(
        self,
        owner: str,
        *,
        limit: int = 100,
        before: Conversation | None = None,
        archived: bool | None = False,
        pinned: bool | None = None,
        tag: str | None = None,
    ) -> list[Conversation]:
        """Those that are not deleted, newest first; `before` is the last one of the page that came before.

        Archived and pinned ones only, all but them, or with None both; of a `tag` those that have it.
        """
        query = _listed(archived, pinned, tagged=tag is not None, older=before is not None)
        values: dict[str, Any] = {"owner": owner, "tag": tag, "most": limit}
        if before is not None:
            values |= {"updated_at": before.updated_at, "id": before.id}
        with self._reading() as connection:
            return [to_conversation(row) for row in connection.execute(query, values).all()]

    def rename(self, owner: str, conversation_id: str, title: str, source: TitleSource = "user") -> Conversation:
        """Give it a title. A title that the user chose is replaced by the user only."""
        statement = update(conversations).where(owns(owner, conversation_id))
        if source != "user":
            statement = statement.where(conversations.c.title_source != "user")
        with self._writing() as connection:
            connection.execute(statement.values(title=title, title_source=source))
            return read_conversation(connection, owner, conversation_id)

    def delete(self, owner: str, conversation_id: str) -> Conversation:
        """Take it out of the list; `restore` undoes it."""
        with self._writing() as connection:
            return _change(connection, owner, conversation_id, deleted_at=self._now())

    def restore(self, owner: str, conversation_id: str) -> Conversation:
        """Undo `delete`."""
        with self._writing() as connection:
            return _change(connection, owner, conversation_id, deleted_at=None)

    def set_leaf(self, owner: str, conversation_id: str, message_id: str) -> Conversation:
        """Show the branch that ends with this message."""
        with self._writing() as connection:
            read_message(connection, owner, message_id, conversation_id)
            return _change(connection, owner, conversation_id, leaf_id=message_id)

    def update_settings(self, owner: str, conversation_id: str, settings: Mapping[str, Any]) -> Conversation:
        """Change some settings, as `dict.update` does: the others stay as they are."""
        with self._writing() as connection:
            old = read_conversation(connection, owner, conversation_id, lock=True)
            return _change(connection, owner, conversation_id, settings={**old.settings, **settings})


@cache
def _listed(archived: bool | None, pinned: bool | None, *, tagged: bool, older: bool) -> Select[Any]:
    query = listed(archived, pinned, tagged=tagged)
    if older:
        c = conversations.c
        last = tuple_(bindparam("updated_at", type_=c.updated_at.type), bindparam("id"))
        query = query.where(tuple_(c.updated_at, c.id) < last)
    return query.limit(bindparam("most"))


def listed(archived: bool | None, pinned: bool | None, *, tagged: bool) -> Select[Any]:
    """As `ConversationStore.conversations` lists them: those of `owner`, newest first; of `tag` if tagged."""
    c = conversations.c
    query = select(*CONVERSATION_COLUMNS).where(c.owner == bindparam("owner"), c.deleted_at.is_(None))
    for wanted, since in ((archived, c.archived_at), (pinned, c.pinned_at)):
        if wanted is not None:
            query = query.where(since.is_not(None) if wanted else since.is_(None))
    if tagged:
        its = (tags.c.conversation_id == c.id, tags.c.owner == c.owner, tags.c.name == bindparam("tag"))
        query = query.where(exists().where(*its))
    return query.order_by(c.updated_at.desc(), c.id.desc())


def _change(connection: Connection, owner: str, conversation_id: str, **values: Any) -> Conversation:
    connection.execute(update(conversations).where(owns(owner, conversation_id)).values(**values))
    return read_conversation(connection, owner, conversation_id)
