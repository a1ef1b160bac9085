"""Documents in a backup: collections as files of SQLite, each as it is at one moment, wherever they are kept."""

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchat.errors import SearchError
from orchat.sqlite_files import BUSY_TIMEOUT, create_private

PIECE = 16 * 2**20
"""Bytes of a collection in one row: SQLite keeps no more than a billion in one, and all of a row is in memory."""
_TABLE = "CREATE TABLE document_files (name TEXT, part INTEGER, data BLOB NOT NULL, PRIMARY KEY (name, part))"
_NAME = re.compile(r"[A-Za-z0-9_-]+\.db")


def keep(backup: Path, source: Path | str) -> int:
    """Add the collections of a folder, or of the PostgreSQL at an address, to a backup; return how many there are.

    Raises:
        SearchError: one cannot be read, or the backup cannot be written; the backup is removed then.
    """
    try:
        with _told(backup), closing(sqlite3.connect(backup)) as target, _place(backup.parent) as place:
            target.execute(_TABLE)
            kept = 0
            for name, copy in _copies(source, place):
                with copy.open("rb") as whole:
                    pieces = enumerate(iter(lambda: whole.read(PIECE), b""))
                    target.executemany(
                        "INSERT INTO document_files VALUES (?, ?, ?)", ((name, *piece) for piece in pieces)
                    )
                kept += 1
            target.commit()
            return kept
    except SearchError:
        backup.unlink(missing_ok=True)
        raise


def _copies(source: Path | str, place: Path) -> Iterator[tuple[str, Path]]:
    """Each collection's name as a file, and a copy of it, which is gone when the next one is asked for."""
    if isinstance(source, str):
        from orchat.search.postgresql.dump import dump

        yield from dump(source, place)
        return
    copy = place / "copy.db"
    for file in sorted(source.glob("*.db")):
        _copy(file, copy)
        yield file.name, copy
        copy.unlink()


def bring_back(backup: Path, target: Path | str) -> int | None:
    """Put the collections of a backup in place of those in a folder, or in the PostgreSQL at an address.

    Returns how many, None where the backup has no documents.

    Raises:
        SearchError: one is damaged or cannot be written; in a folder, those before it are there.
    """
    with _told(backup), closing(sqlite3.connect(backup)) as source, _place(None) as place:
        if not source.execute("SELECT 1 FROM sqlite_master WHERE name = 'document_files'").fetchone():
            return None
        if isinstance(target, str):
            from orchat.search.postgresql.load import load

            return load(target, _unpacked(source, backup, place))
        names = set()
        for name, copy in _unpacked(source, backup, place):
            names.add(name)
            create_private(target / name)
            _copy(copy, target / name)
        for file in target.glob("*.db"):
            if file.name not in names:
                for ending in ("", "-wal", "-shm"):
                    file.with_name(file.name + ending).unlink(missing_ok=True)
        return len(names)


def _unpacked(source: sqlite3.Connection, backup: Path, place: Path) -> Iterator[tuple[str, Path]]:
    """Each collection of a backup: its name as a file, and that file, which is gone when the next one is asked for."""
    copy = place / "copy.db"
    for (name,) in source.execute("SELECT DISTINCT name FROM document_files ORDER BY name").fetchall():
        if not _NAME.fullmatch(str(name)):
            raise SearchError(f"{backup} has a document file of an impossible name.", advice="Try another backup.")
        with copy.open("wb") as whole:
            for (data,) in source.execute("SELECT data FROM document_files WHERE name = ? ORDER BY part", (name,)):
                whole.write(data)
        yield str(name), copy
        copy.unlink()


def _copy(source: Path, target: Path) -> None:
    """Copy a file of SQLite, whoever has either of the two open."""
    with (
        closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT)) as old,
        closing(sqlite3.connect(target, timeout=BUSY_TIMEOUT)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """A private place for one collection at a time, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        yield Path(place)


@contextmanager
def _told(backup: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, KeyError) as error:
        raise SearchError(f"The documents of the backup {backup} could not be copied: {error}.") from error
