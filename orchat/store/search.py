"""Full-text search over everything that was said: FTS5 in SQLite, tsvector in PostgreSQL."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from unicodedata import combining, normalize

from sqlalchemy import Connection, bindparam, select, text

from orchat.store.access import MESSAGE_COLUMNS, to_message
from orchat.store.database import Database
from orchat.store.records import Kind, Role
from orchat.store.tables import conversations, messages

MOST_WORDS = 8
CONTEXT = 70
"""Characters shown before and after a hit."""
NEWEST = 1000
"""Messages of a person that PostgreSQL goes through one by one before it asks its index of words."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message, or with `message_id` None the title of a conversation, in which all words were found."""

    conversation_id: str
    kind: Kind
    title: str
    at: datetime
    message_id: str | None = None
    role: Role | None = None
    before: str = ""
    found: str = ""
    """The first of the words as it stands there; `before` and `after` are its context."""
    after: str = ""
    archived: bool = False


class SearchStore(Database):
    """The part of the store that searches."""

    def search(self, owner: str, wanted: str, *, limit: int = 30) -> list[Hit]:
        """Find messages and titles with all the words, each of which may be the beginning of one; newest first.

        Accents and capitals make no difference in SQLite; in PostgreSQL capitals make none.
        """
        words = words_of(wanted)
        if not words:
            return []
        with self._reading() as connection:
            numbers = _numbers(connection, owner, words, limit)
            query = (
                select(*MESSAGE_COLUMNS, conversations.c.title, conversations.c.kind, conversations.c.archived_at)
                .join(conversations)
                .where(messages.c.number.in_(numbers))
                .order_by(messages.c.number.desc())
            )
            rows = connection.execute(query).all()
            titled = _titles(connection, owner, words)
        hits = [hit for row in rows if (hit := _hit(row, words))]
        return [*titled, *hits][:limit]


def words_of(wanted: str) -> list[str]:
    """Return the words of what somebody types."""
    return re.findall(r"\w+", wanted)[:MOST_WORDS]


_SQLITE = text(
    "SELECT m.number FROM message_search s JOIN messages m ON m.number = s.rowid "
    "JOIN conversations c ON c.id = m.conversation_id "
    "WHERE message_search MATCH :wanted AND c.owner = :owner AND c.deleted_at IS NULL "
    "ORDER BY s.rowid DESC LIMIT :most"
)
_ALIVE = (
    " s CROSS JOIN LATERAL (SELECT 1 FROM messages m JOIN conversations c ON c.id = m.conversation_id "
    "WHERE m.number = s.number AND c.deleted_at IS NULL OFFSET 0) alive "
)
_NEWEST_FIRST = "ORDER BY s.number DESC LIMIT :most"
# What is common is among the newest: there is no need to sort thousands of hits for it.
_NEWEST = text(
    "SELECT s.number FROM "  # noqa: S608 - made of constants
    "(SELECT number, words FROM message_search WHERE owner = :owner ORDER BY number DESC LIMIT :newest)"
    + _ALIVE
    + "WHERE s.words @@ to_tsquery('simple', :wanted) "
    + _NEWEST_FIRST
)
# Step by step: left to itself PostgreSQL walks through all messages, at the latest when it has statistics of them.
_ALL = text(
    "WITH found AS MATERIALIZED (SELECT number FROM message_search "  # noqa: S608 - made of constants
    "WHERE words @@ to_tsquery('simple', :wanted) AND owner = :owner) "
    "SELECT s.number FROM (SELECT number FROM found ORDER BY number DESC)" + _ALIVE + _NEWEST_FIRST
)


def _numbers(connection: Connection, owner: str, words: Sequence[str], most: int) -> list[int]:
    known = {"owner": owner, "most": most}
    if connection.dialect.name == "sqlite":
        return list(connection.execute(_SQLITE, {**known, "wanted": _match(owner, words)}).scalars())
    known["wanted"] = " & ".join(f"'{word}':*" for word in words)
    newest = list(connection.execute(_NEWEST, {**known, "newest": NEWEST}).scalars())
    return newest if len(newest) == most else list(connection.execute(_ALL, known).scalars())


def _match(owner: str, words: Sequence[str]) -> str:
    said = "text : (" + " AND ".join(f'"{word}" *' if len(word) > 1 else f'"{word}"' for word in words) + ")"
    # Words of the owner's name narrow it down; the comparison in the query decides.
    names = " ".join(words_of(owner))
    return f'owner : "{names}" AND {said}' if names else said


def _titles(connection: Connection, owner: str, words: Sequence[str]) -> list[Hit]:
    c = conversations.c
    query = select(c.id, c.kind, c.title, c.updated_at, c.archived_at).where(c.owner == owner, c.deleted_at.is_(None))
    for at, word in enumerate(words):
        query = query.where(c.title.icontains(bindparam(f"word_{at}", word), autoescape=False))
    rows = connection.execute(query.order_by(c.updated_at.desc()).limit(5)).all()
    return [Hit(chat, kind, title, at, archived=since is not None) for chat, kind, title, at, since in rows]


def _hit(row: Sequence[object], words: Sequence[str]) -> Hit | None:
    *columns, title, kind, archived_at = row
    message = to_message(columns)
    if message.is_instruction:
        return None
    before, found, after = excerpt(message.text, words)
    return Hit(
        conversation_id=message.conversation_id,
        kind=kind,  # type: ignore[arg-type] # the column holds nothing else
        title=str(title),
        at=message.created_at,
        message_id=message.id,
        role=message.role,
        before=before,
        found=found,
        after=after,
        archived=archived_at is not None,
    )


def excerpt(said: str, words: Sequence[str]) -> tuple[str, str, str]:
    """Return the first place where a word begins with one of these: what is before it, the word, what is after."""
    pattern = "|".join(rf"(?<!\w){re.escape(_bare(word))}\w*" for word in words)
    place = re.search(pattern, _bare(said))
    start, end = place.span() if place else (0, 0)
    before, after = said[max(0, start - CONTEXT) : start], said[end : end + 2 * CONTEXT]
    head, tail = "…" if start > CONTEXT else "", "…" if end + 2 * CONTEXT < len(said) else ""
    return head + " ".join(before.split(" ")), said[start:end], after + tail


def _bare(said: str) -> str:
    """Return it letter by letter without accents and capitals: as long as before, so that places stay what they are."""
    return "".join(_letter(letter) for letter in said)


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    base = next((part for part in normalize("NFKD", letter) if not combining(part)), letter)
    return base.lower()[:1] or letter
