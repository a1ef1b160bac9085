"""Files that code has written in a backup, and back from it: those of all conversations."""

import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from orchat.errors import SandboxError
from orchat.sandbox.folders import DEEPEST, entries, remove_tree
from orchat.sandbox.workspace import CREATE, Workspace

PIECE = 16 * 2**20
"""Bytes of a file in one row."""
LARGEST = 2**30
"""Bytes; a file is read as a whole, since code may be changing it."""
_TABLE = (
    "CREATE TABLE workspace_files (conversation TEXT, path TEXT, part INTEGER, mode INTEGER NOT NULL, "
    "data BLOB NOT NULL, PRIMARY KEY (conversation, path, part))"
)
_CONVERSATION = re.compile(r"[A-Za-z0-9_-]+")


def keep(backup: Path, folder: Path) -> tuple[int, int]:
    """Add the ordinary files of all workspaces to a backup; return how many there are, and how many were left out.

    Raises:
        SandboxError: the backup cannot be written; it is removed then.
    """
    kept = left_out = 0
    try:
        with _told(backup), closing(sqlite3.connect(backup)) as target:
            target.execute(_TABLE)
            for workspace in _workspaces(folder):
                for entry in entries(workspace):
                    if stat.S_ISDIR(entry.status.st_mode):
                        continue
                    if entry.is_plain and _keep(target, workspace, entry.path, entry.status.st_mode):
                        kept += 1
                    else:
                        left_out += 1
            target.commit()
    except SandboxError:
        backup.unlink(missing_ok=True)
        raise
    return kept, left_out


def _workspaces(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    return sorted(path for path in found if _CONVERSATION.fullmatch(path.name))


def _keep(target: sqlite3.Connection, workspace: Path, path: str, mode: int) -> bool:
    """Add a file; False where it cannot be read, or is gone by now."""
    try:
        data = Workspace(workspace).read(path, most=LARGEST)
    except SandboxError:
        return False
    for part, start in enumerate(range(0, len(data) or 1, PIECE)):
        row = (workspace.name, path, part, stat.S_IMODE(mode) & 0o777, data[start : start + PIECE])
        target.execute("INSERT INTO workspace_files VALUES (?, ?, ?, ?, ?)", row)
    return True


def bring_back(backup: Path, folder: Path) -> int | None:
    """Put the files of a backup in place of all workspaces; return how many, None where the backup has none of them.

    Raises:
        SandboxError: the backup is damaged, or they cannot be written; those before are there.
    """
    with _told(backup), closing(sqlite3.connect(backup)) as source:
        if not source.execute("SELECT 1 FROM sqlite_master WHERE name = 'workspace_files'").fetchone():
            return None
        files = source.execute(
            "SELECT DISTINCT conversation, path, mode FROM workspace_files ORDER BY conversation, path"
        ).fetchall()
        # All are looked at before anything is removed.
        places = [_place(folder, str(conversation), str(path)) for conversation, path, _ in files]
        for workspace in _workspaces(folder):
            remove_tree(workspace)
        for place, (conversation, path, mode) in zip(places, files, strict=True):
            _make_folders(folder, place)
            with os.fdopen(os.open(place, CREATE, int(mode) & 0o777), "wb") as stream:
                pieces = "SELECT data FROM workspace_files WHERE conversation = ? AND path = ? ORDER BY part"
                for (data,) in source.execute(pieces, (conversation, path)):
                    stream.write(data)
        return len(files)


def _place(folder: Path, conversation: str, path: str) -> Path:
    """Where a file belongs; a backup may come from anywhere, and its paths lead nowhere else."""
    parts = PurePosixPath(path).parts
    plain = _CONVERSATION.fullmatch(conversation) and parts and len(parts) <= DEEPEST + 1
    if not plain or ".." in parts or parts[0] == "/" or "\0" in path:
        raise SandboxError("The backup has a file of an impossible name.", advice="Try another backup.")
    return folder.joinpath(conversation, *parts)


def _make_folders(folder: Path, place: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for above in reversed(place.relative_to(folder).parents[:-1]):
        (folder / above).mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _told(backup: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise SandboxError(f"The files of code in the backup {backup} could not be copied: {error}.") from error
