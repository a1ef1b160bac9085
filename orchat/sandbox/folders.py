"""Folders that hostile code may be at work in, walked, measured and removed from outside.

Nothing here follows a link: every step goes through a descriptor of the folder above.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 32
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder: its path below it, and what it is."""

    path: str
    status: os.stat_result

    @property
    def is_plain(self) -> bool:
        """Whether it is an ordinary file that is in no other place, under a name that text can hold."""
        return stat.S_ISREG(self.status.st_mode) and self.status.st_nlink == 1 and is_text(self.path)


@dataclass(slots=True)
class Usage:
    """What a folder takes."""

    size: int = 0
    files: int = 0


def is_text(name: str) -> bool:
    """Whether a name is UTF-8: others cannot be stored, shown or sent."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def opened(folder: str | Path, above: int | None = None) -> Iterator[int]:
    """The descriptor of a folder that is no link."""
    try:
        descriptor = os.open(folder, FOLDER, dir_fd=above)
    except PermissionError:
        if above is None or not is_folder(str(folder), above):
            raise
        # Closed by the code inside, to hide what it holds; its owner may open it again.
        path = os.open(folder, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
        try:
            Path(f"/proc/self/fd/{path}").chmod(0o700)
        finally:
            os.close(path)
        descriptor = os.open(folder, FOLDER, dir_fd=above)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def entries(folder: str | Path) -> Iterator[Entry]:
    """Everything below a folder, files before the folders that hold more; links are named and not followed."""
    with opened(folder) as descriptor:
        yield from _below(descriptor, "", 0)


def _below(descriptor: int, prefix: str, depth: int) -> Iterator[Entry]:
    with os.scandir(descriptor) as found:
        for entry in found:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            yield Entry(prefix + entry.name, status)
            if stat.S_ISDIR(status.st_mode) and depth < DEEPEST:
                try:
                    with opened(entry.name, descriptor) as below:
                        yield from _below(below, f"{prefix}{entry.name}/", depth + 1)
                except OSError:
                    continue


def usage(folder: Path, most: Usage) -> Usage:
    """What a folder takes, counted until it is more than `most`."""
    found = Usage()
    for entry in entries(folder):
        found.files += 1
        found.size += entry.status.st_blocks * 512
        if found.files > most.files or found.size > most.size:
            break
    return found


def remove_tree(folder: Path) -> None:
    """Delete a folder with all that is in it, whatever that is."""
    try:
        with opened(folder) as descriptor:
            while names := os.listdir(descriptor):  # noqa: PTH208 - a descriptor is no path
                _delete(names, descriptor)
        folder.rmdir()
    except FileNotFoundError:
        return


def _delete(names: list[str], descriptor: int) -> None:
    """Delete what is in a folder; what was deeper stands in it afterwards: a tree may be deeper than the stack."""
    for name in names:
        if not is_folder(name, descriptor):
            os.unlink(name, dir_fd=descriptor)
            continue
        with opened(name, descriptor) as below:
            os.fchmod(below, 0o700)
            _raise_up(below, descriptor)
        os.rmdir(name, dir_fd=descriptor)


def _raise_up(below: int, above: int) -> None:
    """Delete the files of a folder, and move its folders to the one above."""
    for name in os.listdir(below):
        if not is_folder(name, below):
            os.unlink(name, dir_fd=below)
            continue
        with opened(name, below) as moving:
            # To move a folder is to write to it.
            os.fchmod(moving, 0o700)
        os.rename(name, f".removed-{os.urandom(8).hex()}", src_dir_fd=below, dst_dir_fd=above)


def is_folder(name: str, above: int) -> bool:
    """Whether an entry is a folder, and not a link to one."""
    return stat.S_ISDIR(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode)
