"""The vectors of collections in PostgreSQL: pgvector's, compared exactly within one collection."""

from collections.abc import Sequence
from typing import Any

from orchat.search.embedding import Space, Vectors
from orchat.search.index import Batch, Scored, to_batch
from orchat.search.postgresql.words import in_ranges

LEASE = "1 minute"
"""For how long the chunks that somebody embeds are theirs alone."""

_OF_SPACE = "collection = %s AND model = %s AND sha256 = %s AND dimensions = %s"


def space_row(cursor: Any, collection: int, space: Space) -> tuple[int, int] | None:
    """The id of a space and the first chunk that has not been looked at for it; None where it has no vectors."""
    cursor.execute(f"SELECT id, covered_to FROM orchat_search_spaces WHERE {_OF_SPACE}", (collection, *space))
    row: tuple[int, int] | None = cursor.fetchone()
    return row


def nearest(
    cursor: Any,
    collection: int,
    space: Space,
    vector: Vectors,
    limit: int,
    ranges: Sequence[tuple[int, int]] | None,
) -> list[Scored]:
    """The chunks with the highest cosine, best first, of all or of some ranges of chunks."""
    row = space_row(cursor, collection, space)
    if row is None or not vector.any():
        return []
    literal = to_literal(vector)
    cursor.execute(
        "SELECT chunk, 1 - (vector <=> %s::vector) FROM orchat_search_vectors "
        f"WHERE space = %s {in_ranges('chunk', ranges)} ORDER BY vector <=> %s::vector LIMIT %s",
        (literal, row[0], literal, limit),
    )
    return [Scored(int(chunk), float(cosine)) for chunk, cosine in cursor.fetchall()]


def claim(cursor: Any, collection: int, owner: str, space: Space, holder: str, limit: int) -> Batch:
    """The next chunks that a space lacks, unless another one is at them."""
    cursor.execute(
        "INSERT INTO orchat_search_spaces (owner, collection, model, sha256, dimensions) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (owner, collection, *space),
    )
    cursor.execute(
        f"UPDATE orchat_search_spaces SET holder = %s, held_until = now() + interval '{LEASE}' WHERE {_OF_SPACE} "
        "AND (holder IS NULL OR holder = %s OR held_until < now()) RETURNING covered_to",
        (holder, collection, *space, holder),
    )
    row = cursor.fetchone()
    if row is None:
        return Batch([], [])
    cursor.execute(
        "SELECT c.id, f.title, c.place, c.text FROM orchat_search_chunks c JOIN orchat_search_files f ON f.id = c.file "
        "WHERE c.collection = %s AND c.id >= %s ORDER BY c.id LIMIT %s",
        (collection, row[0], limit),
    )
    return to_batch(cursor.fetchall())


def store(cursor: Any, collection: int, owner: str, space: Space, holder: str, batch: Batch, vectors: Vectors) -> None:
    """Keep the vectors of a batch, unless another one has taken it over; chunks that are gone are left out."""
    cursor.execute(
        f"UPDATE orchat_search_spaces SET covered_to = %s WHERE {_OF_SPACE} AND holder = %s RETURNING id",
        (batch.ids[-1] + 1, collection, *space, holder),
    )
    row = cursor.fetchone()
    if row is None:
        return
    # Locked, so that no file can be removed between this look and the insertion.
    cursor.execute("SELECT 1 FROM orchat_search_collections WHERE id = %s FOR UPDATE", (collection,))
    cursor.execute(
        "SELECT id FROM orchat_search_chunks WHERE collection = %s AND id = ANY (%s)", (collection, list(batch.ids))
    )
    there = {id_ for (id_,) in cursor.fetchall()}
    cursor.executemany(
        "INSERT INTO orchat_search_vectors (space, chunk, owner, vector) VALUES (%s, %s, %s, %s::vector) "
        "ON CONFLICT (space, chunk) DO UPDATE SET vector = excluded.vector",
        [
            (row[0], id_, owner, to_literal(vector))
            for id_, vector in zip(batch.ids, vectors, strict=True)
            if id_ in there and vector.any()
        ],
    )


def release(cursor: Any, collection: int, space: Space, holder: str) -> None:
    """Let others at the chunks that a holder has claimed."""
    cursor.execute(
        f"UPDATE orchat_search_spaces SET holder = NULL WHERE {_OF_SPACE} AND holder = %s",
        (collection, *space, holder),
    )


def to_literal(vector: Vectors) -> str:
    """Return a vector as pgvector reads it."""
    return f"[{','.join(map(str, vector.tolist()))}]"
