"""A copy of a SQLite database, made before its schema is changed."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

KEPT = 3
"""Copies that are kept: the newest."""


def keep_copy(path: Path, version: str) -> Path:
    """Copy a database as it is now, its schema being `version`, and return where. Raises sqlite3.Error, OSError."""
    copy = path.with_name(f"{path.stem}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}.schema-{version}.backup")
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE").fetchone()
    drop_old_copies(path.parent, path.stem)
    return copy


def drop_old_copies(folder: Path, name: str) -> None:
    """Remove all copies of a database but the newest."""
    for old in sorted(folder.glob(f"{name}.before-*.backup"))[:-KEPT]:
        old.unlink(missing_ok=True)
