"""Files of SQLite: readable for their owner only, with a write-ahead log, and deleted bytes overwritten."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

BUSY_TIMEOUT = 15.0
"""Seconds that SQLite waits for another writer."""

# secure_delete: what a person deletes is overwritten, not only unlinked.
PRAGMAS = ("foreign_keys = ON", "synchronous = NORMAL", "secure_delete = ON")


def create_private(path: Path) -> None:
    """Create the file and its missing parent folders so that only their owner can read them."""
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    # Never open a file that exists: closing it again would drop the locks this process holds on it in SQLite.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def switch_to_wal(path: Path, *, page_size: int = 4096) -> None:
    """Let the file keep a write-ahead log from now on: readers and the writer do not wait for each other.

    `page_size` is that of a new file, in bytes.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT)
        try:
            # Heeded only before the first page is written, which the next line does.
            connection.execute(f"PRAGMA page_size = {page_size}")
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            # SQLite does not apply its own timeout to this switch: another process may be making it right now.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        finally:
            connection.close()
