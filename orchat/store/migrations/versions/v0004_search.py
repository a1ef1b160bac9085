"""Full-text search: FTS5 kept by triggers in SQLite, an index over an expression in PostgreSQL.

An answer is taken up when it has ended, not with each of its saves while it streams.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

_KINDS = "('user', 'assistant')"


def upgrade() -> None:
    """Create what the search needs, and take up what is there."""
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)


def _text_of(row: str) -> str:
    parts = f"SELECT group_concat(json_extract(value, '$.text'), char(10)) FROM json_each({row}.wire, '$.content')"
    return (
        f"CASE json_type({row}.wire, '$.content') WHEN 'text' THEN json_extract({row}.wire, '$.content') "
        f"WHEN 'array' THEN ({parts} WHERE CASE type WHEN 'object' THEN json_extract(value, '$.type') = 'text' END) END"
    )


def _take_up(row: str) -> str:
    owner = f"SELECT owner FROM conversations WHERE id = {row}.conversation_id"
    return f"INSERT INTO message_search (rowid, owner, text) VALUES ({row}.number, ({owner}), {_text_of(row)});"


_WORTH_IT = f"new.state <> 'streaming' AND new.role IN {_KINDS}"
_CHANGED = "(old.state = 'streaming' OR old.wire <> new.wire)"
_FORGET = "DELETE FROM message_search WHERE rowid = old.number;"

_SQLITE = (
    "CREATE VIRTUAL TABLE message_search USING fts5 (owner, text, prefix = '2 3 4', "
    "tokenize = 'unicode61 remove_diacritics 2')",
    f"CREATE TRIGGER message_search_insert AFTER INSERT ON messages WHEN {_WORTH_IT} BEGIN {_take_up('new')} END",
    f"CREATE TRIGGER message_search_update AFTER UPDATE OF wire, state ON messages WHEN {_WORTH_IT} AND {_CHANGED} "
    f"BEGIN {_FORGET} {_take_up('new')} END",
    f"CREATE TRIGGER message_search_delete AFTER DELETE ON messages BEGIN {_FORGET} END",
    f"INSERT INTO message_search (rowid, owner, text) SELECT m.number, c.owner, {_text_of('m')} FROM messages m "
    f"JOIN conversations c ON c.id = m.conversation_id WHERE m.state <> 'streaming' AND m.role IN {_KINDS}",
)

_POSTGRESQL = (
    # What JSON can hold and text cannot is left out: \u0000, and by the exception half a surrogate pair.
    r"""
    CREATE FUNCTION orchat_message_text(wire json) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
        kept json := CASE WHEN position('\u0000' in wire::text) = 0 THEN wire
            ELSE regexp_replace(wire::text, '(?<!\\)((\\\\)*)\\u0000', '\1 ', 'g')::json END;
    BEGIN
        RETURN left(CASE json_typeof(kept -> 'content')
            WHEN 'string' THEN kept ->> 'content'
            WHEN 'array' THEN (
                SELECT string_agg(part ->> 'text', ' ') FROM json_array_elements(kept -> 'content') AS part
                WHERE part ->> 'type' = 'text')
        END, 200000);
    EXCEPTION WHEN data_exception THEN
        RETURN NULL;
    END
    $$
    """,
    # At most 1 MB of words fits into one entry; 200,000 characters stay below it.
    "CREATE INDEX ix_messages_text ON messages USING gin (to_tsvector('simple', orchat_message_text(wire))) "
    f"WHERE state <> 'streaming' AND role IN {_KINDS}",
)
