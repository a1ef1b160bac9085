"""A folder takes the place of another at once, so that an interpreter that was started early gets a session's files."""

import ctypes
import os
import shutil
from pathlib import Path

from orchat.sandbox.folders import entries

AT_FDCWD, RENAME_EXCHANGE = -100, 2
MOST = 50_000_000
"""Bytes of files beyond which to copy them takes longer than to start an interpreter."""


def adopt(early: Path, workspace: Path) -> bool:
    """Exchange an early interpreter's empty folder with a session's, whose files it gets; False if that cannot be done.

    At every moment the session's path leads to all of its files.
    """
    found = list(entries(workspace))
    if any(not entry.is_plain for entry in found) or sum(entry.status.st_size for entry in found) > MOST:
        return False
    try:
        for entry in found:
            shutil.copyfile(workspace / entry.path, early / entry.path, follow_symlinks=False)
        exchange(early, workspace)
    except OSError:
        return False
    return True


def exchange(one: Path, other: Path) -> None:
    """Give each of two folders of a file system the other's name.

    Raises:
        OSError: the kernel or the file system cannot.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, bytes(one), AT_FDCWD, bytes(other), RENAME_EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
