"""Collections in PostgreSQL written as the files that they would be in a data folder, so that a backup has one form."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from orchat.search.file_name import file_name
from orchat.search.postgresql.connections import Connections
from orchat.search.postgresql.schema import are_there
from orchat.search.sqlite.documents import FILE, SHORT, marks
from orchat.search.sqlite.schema import set_up, word_row
from orchat.search.sqlite.vector_scan import quantized

BLOCK = 1_000
"""Vectors that are written together."""
_FILLED = """
SELECT id, owner, name, next_chunk FROM orchat_search_collections c
WHERE EXISTS (SELECT FROM orchat_search_files WHERE collection = c.id)
   OR EXISTS (SELECT FROM orchat_search_jobs WHERE collection = c.id)
ORDER BY id
"""


def dump(url: str, place: Path) -> Iterator[tuple[str, Path]]:
    """Write each collection that holds something to a file in `place`, all as of one moment; give its name and it.

    The file is gone when the next one is asked for. May raise SearchError and sqlite3.Error.
    """
    connections, path = Connections(url), place / "dump.db"
    try:
        with connections.transaction() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if not are_there(cursor):
                return
            cursor.execute(_FILLED)
            for collection, owner, name, next_chunk in cursor.fetchall():
                with closing(sqlite3.connect(path)) as file:
                    set_up(file, owner)
                    file.executemany(
                        "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("name", name), ("next_chunk", next_chunk)]
                    )
                    _dump_files(cursor, collection, file)
                    _dump_vectors(cursor, collection, file)
                    _dump_jobs(cursor, collection, file)
                    file.commit()
                yield file_name(owner, name), path
                path.unlink()
    finally:
        connections.close()


def _dump_files(cursor: Any, collection: int, file: sqlite3.Connection) -> None:
    cursor.execute(f"SELECT id, {FILE} FROM orchat_search_files WHERE collection = %s ORDER BY id", (collection,))
    for number, *values in cursor.fetchall():
        values[7], values[8] = json.dumps(values[7]), values[8].isoformat()
        kept = file.execute(f"INSERT INTO files ({FILE}) VALUES ({marks(values)})", values).lastrowid
        cursor.execute("SELECT data FROM orchat_search_originals WHERE file = %s", (number,))
        file.execute("INSERT INTO originals VALUES (?, ?)", (kept, bytes(cursor.fetchone()[0])))
        cursor.execute(
            "SELECT number, page, place, text FROM orchat_search_parts WHERE file = %s ORDER BY number", (number,)
        )
        parts = cursor.fetchall()
        file.executemany("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", [(kept, *part) for part in parts])
        _dump_chunks(cursor, number, file, {part[0]: part[3] for part in parts}, values[1], values[5])


def _dump_chunks(
    cursor: Any, number: int, file: sqlite3.Connection, parts: dict[int, str], name: str, title: str
) -> None:
    cursor.execute(
        "SELECT id, part, start_at, end_at, place, text FROM orchat_search_chunks WHERE file = %s ORDER BY id",
        (number,),
    )
    chunks = cursor.fetchall()
    rows = []
    for id_, part, start, end, place, text in chunks:
        whole = parts.get(part, "")
        cut_out = len(whole) <= SHORT and whole[start:end] == text
        rows.append((id_, part, start, end, place, None if cut_out else text))
    file.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)", rows)
    file.executemany(
        "INSERT INTO words (rowid, head, text) VALUES (?, ?, ?)",
        (word_row((id_, name, title, place, text)) for id_, _, _, _, place, text in chunks),
    )


def _dump_vectors(cursor: Any, collection: int, file: sqlite3.Connection) -> None:
    cursor.execute(
        "SELECT id, model, sha256, dimensions, covered_to FROM orchat_search_spaces WHERE collection = %s ORDER BY id",
        (collection,),
    )
    for space, model, sha256, dimensions, covered_to in cursor.fetchall():
        kept = file.execute(
            "INSERT INTO spaces (model, sha256, dimensions, covered_to) VALUES (?, ?, ?, ?)",
            (model, sha256, dimensions, covered_to),
        ).lastrowid
        for first, end in file.execute("SELECT first_chunk, end_chunk FROM files ORDER BY first_chunk").fetchall():
            # A block is of one file: it goes with that one.
            for start in range(first, min(end, covered_to), BLOCK):
                stop = min(start + BLOCK, end, covered_to)
                block = _block(cursor, space, dimensions, start, stop)
                if block.any():
                    file.execute("INSERT INTO vectors VALUES (?, ?, ?, ?)", (kept, start, len(block), block.tobytes()))


def _block(cursor: Any, space: int, dimensions: int, start: int, stop: int) -> Any:
    """The vectors of the chunks from `start` on and before `stop`, zeros where a chunk has none."""
    vectors = np.zeros((stop - start, dimensions), dtype=np.float32)
    cursor.execute(
        "SELECT chunk, vector::text FROM orchat_search_vectors WHERE space = %s AND chunk >= %s AND chunk < %s",
        (space, start, stop),
    )
    for chunk, numbers in cursor.fetchall():
        vectors[chunk - start] = json.loads(numbers)
    return quantized(vectors)


def _dump_jobs(cursor: Any, collection: int, file: sqlite3.Connection) -> None:
    # Whoever is reading one now is not there when it is restored.
    cursor.execute(
        "SELECT uid, name, size, sha256, added_at, CASE state WHEN 'parsing' THEN 'queued' ELSE state END, reason, "
        "advice, attempts, data FROM orchat_search_jobs WHERE collection = %s ORDER BY id",
        (collection,),
    )
    for uid, name, size, sha256, added_at, *rest, data in cursor.fetchall():
        values = (uid, name, size, sha256, added_at.isoformat(), *rest, None if data is None else bytes(data))
        file.execute(
            "INSERT INTO jobs (uid, name, size, sha256, added_at, state, reason, advice, attempts, data) "
            f"VALUES ({marks(values)})",
            values,
        )
