"""Order among conversations: pinned ones, archived ones, and tags, of which a conversation may have several."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, literal, select, union_all, update

from orchat.store.access import CONVERSATION_COLUMNS, owns, read_conversation, to_conversation
from orchat.store.conversations import listed
from orchat.store.database import Database
from orchat.store.records import Conversation
from orchat.store.tables import conversations, tags

LONGEST_TAG, MOST_TAGS = 40, 20
_TAGS_IN_USE = (
    select(tags.c.name, func.count())
    .join(conversations)
    .where(tags.c.owner == bindparam("owner"), conversations.c.deleted_at.is_(None))
    .group_by(tags.c.name)
)
_PINNED, _OTHERS, _ARCHIVED = "pinned", "others", "archived"


@dataclass(frozen=True, slots=True)
class Overview:
    """What a list of conversations shows, the newest first."""

    pinned: list[Conversation]
    others: list[Conversation]
    """Those that are neither pinned nor archived."""
    archived: bool
    """Whether any are archived."""
    tags: dict[str, int]
    """As `OrganisingStore.every_tag`."""


class OrganisingStore(Database):
    """The part of the store that keeps conversations in order. A foreign or unknown id raises NotFoundError."""

    def set_pinned(self, owner: str, conversation_id: str, *, pinned: bool) -> Conversation:
        """Keep it at the head of the list, or no longer."""
        with self._writing() as connection:
            moment = self._now() if pinned else None
            connection.execute(update(conversations).where(owns(owner, conversation_id)).values(pinned_at=moment))
            return read_conversation(connection, owner, conversation_id)

    def set_archived(self, owner: str, conversation_id: str, *, archived: bool) -> Conversation:
        """Put it away, or bring it back. What is archived can be read, searched and exported, and is not listed."""
        with self._writing() as connection:
            moment = self._now() if archived else None
            connection.execute(update(conversations).where(owns(owner, conversation_id)).values(archived_at=moment))
            return read_conversation(connection, owner, conversation_id)

    def tags(self, owner: str, conversation_id: str) -> list[str]:
        """The tags of a conversation, in alphabetical order."""
        with self._reading() as connection:
            read_conversation(connection, owner, conversation_id)
            return _tags(connection, conversation_id)

    def set_tags(self, owner: str, conversation_id: str, names: Iterable[str]) -> list[str]:
        """Give it these tags and no others; returns them.

        Spaces are tidied, long ones cut, and a tag that differs from a known one in capitals only is that one.
        """
        with self._writing() as connection:
            read_conversation(connection, owner, conversation_id, lock=True)
            connection.execute(delete(tags).where(tags.c.conversation_id == conversation_id))
            return add_tags(connection, owner, conversation_id, names)

    def every_tag(self, owner: str) -> dict[str, int]:
        """All tags in use and how many conversations have each, archived ones too, in alphabetical order."""
        with self._reading() as connection:
            return _every_tag(connection, owner)

    def overview(self, owner: str, *, most: int, most_pinned: int, tag: str | None = None) -> Overview:
        """So many of the newest conversations, of those with a tag if one is named, with all tags."""
        values = {"owner": owner, "tag": tag, "most": most, "most_pinned": most_pinned}
        parts: dict[str, list[Conversation]] = {_PINNED: [], _OTHERS: [], _ARCHIVED: []}
        with self._reading() as connection:
            for part, *row in connection.execute(_overview(tagged=tag is not None), values).all():
                parts[part].append(to_conversation(row))
            known = _every_tag(connection, owner)
        return Overview(parts[_PINNED], parts[_OTHERS], bool(parts[_ARCHIVED]), known)


@cache
def _overview(*, tagged: bool) -> Select[Any]:
    # One question instead of three: each of them is a way to the database and back.
    parts = {
        _PINNED: listed(archived=False, pinned=True, tagged=tagged).limit(bindparam("most_pinned")),
        _OTHERS: listed(archived=False, pinned=False, tagged=tagged).limit(bindparam("most")),
        _ARCHIVED: listed(archived=True, pinned=None, tagged=False).limit(1),
    }
    # SQLite takes a limit within a union in a subquery only.
    rows = [query.add_columns(literal(name).label("part")).subquery() for name, query in parts.items()]
    names = [column.name for column in CONVERSATION_COLUMNS]
    every = union_all(*(select(part) for part in rows)).subquery()
    columns = [every.c[name] for name in names]
    return select(every.c.part, *columns).order_by(every.c.updated_at.desc(), every.c.id.desc())


def _every_tag(connection: Connection, owner: str) -> dict[str, int]:
    found = [(name, number) for name, number in connection.execute(_TAGS_IN_USE, {"owner": owner})]
    return dict(sorted(found, key=lambda tag: tag[0].casefold()))


def add_tags(connection: Connection, owner: str, conversation_id: str, names: Iterable[str]) -> list[str]:
    """Give tags to a conversation that has none; returns them as they are kept."""
    known = connection.execute(select(tags.c.name).where(tags.c.owner == owner).distinct()).scalars()
    spelled = {name.casefold(): name for name in known}
    given: dict[str, str] = {}
    for name in filter(None, map(tidy_tag, names)):
        given.setdefault(name.casefold(), spelled.get(name.casefold(), name))
    kept = sorted(list(given.values())[:MOST_TAGS], key=str.casefold)
    rows = [{"conversation_id": conversation_id, "owner": owner, "name": name} for name in kept]
    if rows:
        connection.execute(insert(tags), rows)
    return kept


def tidy_tag(name: str) -> str:
    """Return a tag as it is kept: one line, without needless spaces, not too long; empty if there is nothing in it."""
    text = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(text.split())[:LONGEST_TAG].strip()


def _tags(connection: Connection, conversation_id: str) -> list[str]:
    found = connection.execute(select(tags.c.name).where(tags.c.conversation_id == conversation_id)).scalars()
    return sorted(found, key=str.casefold)
