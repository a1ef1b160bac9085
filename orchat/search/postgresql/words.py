"""Search by words in PostgreSQL: BM25 over what its own ranking finds, because that knows no rare words."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from orchat.search.index import Scored
from orchat.search.places import head, place_from_json
from orchat.search.postgresql.schema import CONFIGURATION
from orchat.search.words import Query, split

RESCORED = 1_000
"""Chunks that PostgreSQL's ranking gives; so many that the best of BM25 are among them."""

# The letters A and D are PostgreSQL's labels: A the head, which counts twice, as in the embedded index.
_VECTOR = f"setweight(to_tsvector('{CONFIGURATION}', %s), 'A') || to_tsvector('{CONFIGURATION}', %s)"
INSERT_CHUNK = f"""
INSERT INTO orchat_search_chunks
    (collection, id, file, owner, part, start_at, end_at, place, text, length, words)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, {_VECTOR})
"""
UPDATE_CHUNK = f"UPDATE orchat_search_chunks SET length = %s, words = {_VECTOR} WHERE collection = %s AND id = %s"

COUNT_TERMS = """
INSERT INTO orchat_search_terms (collection, owner, term, chunks)
SELECT collection, owner, lexeme, count(*) FROM orchat_search_chunks, unnest(words) WHERE file = %s
GROUP BY collection, owner, lexeme
ON CONFLICT (collection, term) DO UPDATE SET chunks = orchat_search_terms.chunks + excluded.chunks
"""
DISCOUNT_TERMS = """
UPDATE orchat_search_terms SET chunks = orchat_search_terms.chunks - gone.chunks FROM (
    SELECT collection, lexeme, count(*) AS chunks FROM orchat_search_chunks, unnest(words) WHERE file = %s
    GROUP BY collection, lexeme
) AS gone WHERE orchat_search_terms.collection = gone.collection AND term = lexeme
"""
FORGET_TERMS = "DELETE FROM orchat_search_terms WHERE collection = %s AND chunks <= 0"

# BM25 with the constants of SQLite's (k1 = 1.2, b = 0.75), so that both indexes rank alike.
_MATCH = """
WITH asked AS (SELECT to_tsquery('{configuration}', %(query)s) AS query),
lexemes AS (
    SELECT term, ln(greatest(1.000001, (c.chunks - t.chunks + 0.5) / (t.chunks + 0.5))) AS rarity
    FROM orchat_search_terms t JOIN orchat_search_collections c ON c.id = t.collection
    WHERE t.collection = %(collection)s AND (
        t.term IN (SELECT lexeme FROM unnest(to_tsvector('{configuration}', %(words)s)))
        OR t.term LIKE ANY (%(prefixes)s)
    )
),
candidates AS (
    SELECT id, words, length FROM orchat_search_chunks, asked
    WHERE collection = %(collection)s AND words @@ query {chosen}
    ORDER BY ts_rank(words, query, 1) DESC LIMIT {rescored}
),
found AS (
    SELECT id, length, rarity,
        (SELECT sum(CASE weight WHEN 'A' THEN 2 ELSE 1 END) FROM unnest(weights) AS weight) AS frequency
    FROM candidates, unnest(words) AS word JOIN lexemes ON lexemes.term = word.lexeme
)
SELECT id, sum(rarity * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / average))) AS score
FROM found, (
    SELECT greatest(words::float8 / greatest(chunks, 1), 1) AS average FROM orchat_search_collections
    WHERE id = %(collection)s
) AS collection
GROUP BY id ORDER BY score DESC, id LIMIT %(limit)s
"""


def split_words(text: str) -> list[str]:
    """Return the words of a text as PostgreSQL gets them: without accents, which it cannot take off itself."""
    words = split(text)
    if text.isascii():
        return words
    return [word if word.isascii() else _without_accents(word) for word in words]


def chunk_row(
    ids: tuple[int, int, int, str], chunk: tuple[int, int, int, str, str], name: str, title: str
) -> tuple[Any, ...]:
    """Return the row for `INSERT_CHUNK`, of collection, chunk, file and owner; part, start, end, place and text."""
    above, words = split_words(head(name, title, place_from_json(chunk[3]))), split_words(chunk[4])
    return *ids, *chunk, len(above) + len(words), " ".join(above), " ".join(words)


def _without_accents(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word)
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f"))


def match(
    cursor: Any, collection: int, query: Query, limit: int, ranges: Sequence[tuple[int, int]] | None
) -> list[Scored]:
    """The chunks with the highest BM25 score, best first, of all or of some ranges of chunks."""
    terms = [(_without_accents(term.text), term.prefix) for term in query.terms]
    values = {
        "collection": collection,
        # Words are letters and digits only, so nothing in them ends the quotation.
        "query": " | ".join(f"'{word}':*" if prefix else f"'{word}'" for word, prefix in terms),
        "words": " ".join(word for word, prefix in terms if not prefix),
        "prefixes": [f"{word}%" for word, prefix in terms if prefix],
        "limit": limit,
    }
    statement = _MATCH.format(configuration=CONFIGURATION, chosen=in_ranges("id", ranges), rescored=RESCORED)
    cursor.execute(statement, values)
    return [Scored(int(chunk), float(score)) for chunk, score in cursor.fetchall()]


def in_ranges(column: str, ranges: Sequence[tuple[int, int]] | None) -> str:
    """Return the condition that a column lies in one of some ranges, as `AND …`; nothing where there are none."""
    if ranges is None:
        return ""
    return f"AND ({' OR '.join(f'{column} BETWEEN {first} AND {end - 1}' for first, end in ranges)})"
