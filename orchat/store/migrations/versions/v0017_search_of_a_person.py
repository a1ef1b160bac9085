"""Full-text search in PostgreSQL by a table of its own, as in SQLite: with the owner, and with the words made once.

The index over an expression had neither: a search went through the messages of all people, and looking at the newest
messages first would have made their words anew each time.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

_WORTH_IT = "{row}.state <> 'streaming' AND {row}.role IN ('user', 'assistant')"
_WORDS = "coalesce(to_tsvector('simple', orchat_message_text({row}.wire)), '')"

_POSTGRESQL = (
    "DROP INDEX ix_messages_text",
    "CREATE TABLE message_search (number bigint PRIMARY KEY REFERENCES messages (number) ON DELETE CASCADE, "
    "owner text NOT NULL, words tsvector NOT NULL)",
    f"INSERT INTO message_search SELECT m.number, c.owner, {_WORDS.format(row='m')} FROM messages m "
    f"JOIN conversations c ON c.id = m.conversation_id WHERE {_WORTH_IT.format(row='m')}",
    "CREATE INDEX message_search_words ON message_search USING gin (words)",
    "CREATE INDEX message_search_owner ON message_search (owner, number)",
    f"""
    CREATE FUNCTION orchat_take_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO message_search SELECT new.number, c.owner, {_WORDS.format(row="new")}
            FROM conversations c WHERE c.id = new.conversation_id
        ON CONFLICT (number) DO UPDATE SET words = excluded.words;
        RETURN NULL;
    END
    $$
    """,
    "CREATE TRIGGER message_search_insert AFTER INSERT ON messages FOR EACH ROW "
    f"WHEN ({_WORTH_IT.format(row='new')}) EXECUTE FUNCTION orchat_take_up()",
    "CREATE TRIGGER message_search_update AFTER UPDATE OF wire, state ON messages FOR EACH ROW "
    f"WHEN ({_WORTH_IT.format(row='new')} AND "
    "(old.state = 'streaming' OR old.wire::text <> new.wire::text)) EXECUTE FUNCTION orchat_take_up()",
)


def upgrade() -> None:
    """Make the table, take up what is there, and let triggers keep it."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in _POSTGRESQL:
            op.execute(statement)
