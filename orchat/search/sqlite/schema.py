"""The tables of a collection's file."""

import sqlite3

from orchat.errors import NotFoundError, SearchError
from orchat.search.places import head, place_from_json
from orchat.search.words import ANALYSIS, indexed_text

VERSION = 1
"""Of the tables; a file that a newer orchat has written is refused."""

HEAD_WEIGHT = 2.0
"""A word in the title, the headings or the file's name counts as often as this many in the text."""

# A chunk whose text is a piece of its part keeps none of its own, and `words` keeps none at all: what it indexes is
# made by `indexed_text`. Ids of chunks are given in the order in which files are added and never again, so a file's
# chunks are one range of them.
_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, mime TEXT NOT NULL,
    size INTEGER NOT NULL, sha256 TEXT NOT NULL UNIQUE, title TEXT NOT NULL, pages INTEGER,
    pages_without_text TEXT NOT NULL, added_at TEXT NOT NULL, first_chunk INTEGER NOT NULL, end_chunk INTEGER NOT NULL
);
CREATE INDEX files_chunks ON files (first_chunk);
CREATE TABLE originals (file INTEGER PRIMARY KEY REFERENCES files ON DELETE CASCADE, data BLOB NOT NULL);
CREATE TABLE parts (
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, number INTEGER NOT NULL, page INTEGER,
    place TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (file, number)
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, part INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, place TEXT NOT NULL,
    text TEXT
);
CREATE VIEW passages AS
    SELECT c.id, coalesce(c.text, substr(p.text, c.start + 1, c.end - c.start)) AS text, f.uid AS file, f.name,
        f.mime, f.title,
        c.place, c.part, c.start, c.end
    FROM chunks c
    JOIN files f ON f.end_chunk > c.id AND f.first_chunk =
        (SELECT max(first_chunk) FROM files WHERE first_chunk <= c.id AND end_chunk > first_chunk)
    LEFT JOIN parts p ON p.file = f.id AND p.number = c.part;
CREATE VIRTUAL TABLE words USING fts5 (
    head, text, content = '', tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25({HEAD_WEIGHT}, 1.0)');
INSERT INTO words (words, rank) VALUES ('automerge', 8);
CREATE TABLE spaces (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, sha256 TEXT NOT NULL, dimensions INTEGER NOT NULL,
    covered_to INTEGER NOT NULL DEFAULT 0, holder TEXT, held_until REAL NOT NULL DEFAULT 0,
    UNIQUE (model, sha256, dimensions)
);
CREATE TABLE vectors (
    space INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE, first_chunk INTEGER NOT NULL, count INTEGER NOT NULL,
    data BLOB NOT NULL, UNIQUE (space, first_chunk)
);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    sha256 TEXT NOT NULL, added_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'queued',
    reason TEXT NOT NULL DEFAULT '', advice TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,
    holder TEXT, held_until REAL NOT NULL DEFAULT 0, data BLOB
);
INSERT INTO meta VALUES ('version', {VERSION}), ('analysis', {ANALYSIS}), ('next_chunk', 1), ('removals', 0);
"""


def set_up(connection: sqlite3.Connection, owner: str) -> None:
    """Make the tables in a new file, or bring those of an older one up to date; within a writing transaction.

    Raises:
        NotFoundError: the collection is somebody else's.
        SearchError: a newer orchat has written it, or something that is no collection.
    """
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        # Not executescript: it would commit first.
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('owner', ?)", (owner,))
        if sqlite3.sqlite_version_info >= (3, 42):
            connection.execute("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)")
        return
    try:
        found = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    except sqlite3.OperationalError:
        raise SearchError("The file is a database, but not a collection.", advice="Choose another path.") from None
    if found.get("owner") != owner:
        raise NotFoundError("There is no such collection.")
    if int(found["version"]) > VERSION:
        raise SearchError("A newer orchat has written this collection.", advice="Update orchat.")
    if found["analysis"] != ANALYSIS:
        _index_again(connection)


def _index_again(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    rows = connection.execute("SELECT id, name, title, place, text FROM passages ORDER BY id").fetchall()
    connection.executemany("INSERT INTO words (rowid, head, text) VALUES (?, ?, ?)", map(word_row, rows))
    connection.execute("UPDATE meta SET value = ? WHERE key = 'analysis'", (ANALYSIS,))


def word_row(row: tuple[int, str, str, str, str]) -> tuple[int, str, str]:
    """Return the row of `words` for a chunk's id, its file's name and title, its place as it is kept, and its text."""
    chunk, name, title, place, text = row
    return chunk, indexed_text(head(name, title, place_from_json(place))), indexed_text(text)
