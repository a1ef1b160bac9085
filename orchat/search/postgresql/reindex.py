"""The words of all collections in PostgreSQL, made again when the same text gives other words than before."""

from typing import Any

from orchat.search.postgresql.schema import LOCK
from orchat.search.postgresql.words import UPDATE_CHUNK, chunk_row
from orchat.search.words import ANALYSIS

FIRST = 1
"""The analysis of tables that do not name one."""
BATCH = 1_000
_CHUNKS = """
SELECT c.collection, c.id, c.file, c.owner, c.part, c.start_at, c.end_at, c.place, c.text, f.name, f.title
FROM orchat_search_chunks c JOIN orchat_search_files f ON f.id = c.file
WHERE (c.collection, c.id) > (%s, %s) ORDER BY c.collection, c.id LIMIT %s
"""
_COUNTS = (
    "DELETE FROM orchat_search_terms",
    "INSERT INTO orchat_search_terms (collection, owner, term, chunks) SELECT collection, owner, lexeme, count(*) "
    "FROM orchat_search_chunks, unnest(words) GROUP BY collection, owner, lexeme",
    "UPDATE orchat_search_collections c SET words = "
    "(SELECT coalesce(sum(length), 0) FROM orchat_search_chunks WHERE collection = c.id)",
    "ALTER TABLE orchat_search_version ADD COLUMN IF NOT EXISTS analysis integer",
)


def index_again(cursor: Any) -> None:
    """Make the words of all chunks again, unless another process has done so by now; within a transaction."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    cursor.execute("SELECT coalesce((to_jsonb(v)->>'analysis')::integer, %s) FROM orchat_search_version v", (FIRST,))
    if cursor.fetchone()[0] == ANALYSIS:
        return
    # Nobody adds or removes a file meanwhile; who searches goes on.
    cursor.execute("SELECT 1 FROM orchat_search_collections ORDER BY id FOR UPDATE")
    last = (0, 0)
    while True:
        cursor.execute(_CHUNKS, (*last, BATCH))
        rows = cursor.fetchall()
        if not rows:
            break
        made = [chunk_row(row[:4], row[4:9], row[9], row[10]) for row in rows]
        cursor.executemany(UPDATE_CHUNK, [(*row[9:], *row[:2]) for row in made])
        last = rows[-1][:2]
    for statement in _COUNTS:
        cursor.execute(statement)
    cursor.execute("UPDATE orchat_search_version SET analysis = %s", (ANALYSIS,))
