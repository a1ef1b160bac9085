"""Collections put into PostgreSQL from the files that a backup holds, in place of all that are there."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from orchat.search.file_name import name_of
from orchat.search.postgresql.connections import Connections
from orchat.search.postgresql.schema import are_there, set_up
from orchat.search.postgresql.vector_table import to_literal
from orchat.search.postgresql.words import COUNT_TERMS, INSERT_CHUNK, chunk_row
from orchat.search.sqlite.documents import FILE
from orchat.search.sqlite.schema import set_up as bring_up_to_date

BATCH = 1_000
"""Chunks that are written together."""


def load(url: str, files: Iterable[tuple[str, Path]]) -> int:
    """Put collections, each given by the name of its file and the file, in place of all others; return how many.

    All of it is one transaction. The files are brought up to date in passing. May raise SearchError and sqlite3.Error.
    """
    connections = Connections(url)
    try:
        with connections.transaction() as cursor:
            if are_there(cursor):
                cursor.execute("DELETE FROM orchat_search_collections")
            loaded = 0
            for name, path in files:
                # Where there is nothing to load, pgvector is not missed.
                set_up(cursor)
                with closing(sqlite3.connect(path)) as file:
                    _load(cursor, file, name)
                loaded += 1
            return loaded
    finally:
        connections.close()


def _load(cursor: Any, file: sqlite3.Connection, name: str) -> None:
    found = dict(file.execute("SELECT key, value FROM meta").fetchall())
    owner = str(found["owner"])
    bring_up_to_date(file, owner)
    cursor.execute(
        "INSERT INTO orchat_search_collections (owner, name, next_chunk) VALUES (%s, %s, %s) RETURNING id",
        (owner, found.get("name", name_of(name)), found["next_chunk"]),
    )
    collection = int(cursor.fetchone()[0])
    _load_files(cursor, collection, owner, file)
    _load_vectors(cursor, collection, owner, file)
    _load_jobs(cursor, collection, owner, file)
    cursor.execute(
        "UPDATE orchat_search_collections SET (chunks, words) = (SELECT count(*), coalesce(sum(length), 0) "
        "FROM orchat_search_chunks WHERE collection = %s) WHERE id = %s",
        (collection, collection),
    )


def _load_files(cursor: Any, collection: int, owner: str, file: sqlite3.Connection) -> None:
    for number, *values in file.execute(f"SELECT id, {FILE} FROM files ORDER BY id").fetchall():
        values[7], values[8] = json.loads(values[7]), datetime.fromisoformat(values[8])
        cursor.execute(
            f"INSERT INTO orchat_search_files (owner, collection, {FILE}) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (owner, collection, *values),
        )
        kept = cursor.fetchone()[0]
        (data,) = file.execute("SELECT data FROM originals WHERE file = ?", (number,)).fetchone()
        cursor.execute("INSERT INTO orchat_search_originals VALUES (%s, %s, %s)", (kept, owner, data))
        parts = file.execute("SELECT number, page, place, text FROM parts WHERE file = ? ORDER BY number", (number,))
        cursor.executemany(
            "INSERT INTO orchat_search_parts VALUES (%s, %s, %s, %s, %s, %s)",
            [(kept, owner, *part) for part in parts],
        )
        chunks = file.execute(
            "SELECT id, part, start, end, place, text FROM passages WHERE id >= ? AND id < ? ORDER BY id", values[-2:]
        )
        while rows := chunks.fetchmany(BATCH):
            made = [chunk_row((collection, row[0], kept, owner), row[1:], values[1], values[5]) for row in rows]
            cursor.executemany(INSERT_CHUNK, made)
        cursor.execute(COUNT_TERMS, (kept,))


def _load_vectors(cursor: Any, collection: int, owner: str, file: sqlite3.Connection) -> None:
    spaces = file.execute("SELECT id, model, sha256, dimensions, covered_to FROM spaces ORDER BY id").fetchall()
    for number, *values in spaces:
        cursor.execute(
            "INSERT INTO orchat_search_spaces (owner, collection, model, sha256, dimensions, covered_to) "
            "VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
            (owner, collection, *values),
        )
        space = cursor.fetchone()[0]
        blocks = file.execute("SELECT first_chunk, count, data FROM vectors WHERE space = ?", (number,))
        for first, count, data in blocks:
            block = np.frombuffer(data, dtype=np.int8).reshape(count, -1).astype(np.float32)
            cursor.executemany(
                "INSERT INTO orchat_search_vectors (space, chunk, owner, vector) VALUES (%s, %s, %s, %s::vector)",
                [(space, chunk, owner, to_literal(row)) for chunk, row in enumerate(block, first) if row.any()],
            )


def _load_jobs(cursor: Any, collection: int, owner: str, file: sqlite3.Connection) -> None:
    jobs = file.execute("SELECT uid, name, size, sha256, added_at, state, reason, advice, data FROM jobs ORDER BY id")
    for uid, name, size, sha256, added_at, state, *rest in jobs:
        cursor.execute(
            "INSERT INTO orchat_search_jobs "
            "(owner, collection, uid, name, size, sha256, added_at, state, reason, advice, data) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            # Whoever was reading it is not there any more.
            (owner, collection, uid, name, size, sha256, datetime.fromisoformat(added_at), _waiting(state), *rest),
        )


def _waiting(state: str) -> str:
    return "queued" if state == "parsing" else state
