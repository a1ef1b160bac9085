"""A session's folder, read and written from outside while hostile code may be at work in it."""

import contextlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from orchat.errors import SandboxError
from orchat.sandbox.folders import Entry, Usage, entries, is_folder, opened

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
MAX_READ = 50_000_000
MAX_NAME = 120


def safe_name(name: str) -> str:
    """A file name to offer as a download: no folder, nothing that is invisible or turns the text around."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c if unicodedata.category(c)[0] not in "CZ" or c == " " else "_" for c in last)
    kept = "".join("_" if c in "<>:\"/|?*&'`$" else c for c in kept).strip(" .").lstrip("-")
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 12:
        return kept[:MAX_NAME] or "file"
    return f"{stem[: MAX_NAME - len(suffix) - 1]}.{suffix}"


class Workspace:
    """The files of a session."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, int] = {}

    def names(self) -> list[str]:
        """Names of the ordinary files, relative to the folder, in order."""
        return sorted(entry.path for entry in entries(self.path) if entry.is_plain)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def read(self, name: str, *, most: int = MAX_READ) -> bytes:
        """The bytes of a file.

        Raises:
            SandboxError: there is no ordinary file of that name, or it is larger than `most` bytes.
        """
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or parts[0] == "/":
            raise SandboxError(f"“{name}” is not a file of the workspace.")
        try:
            return self._read(self.path, parts, None, most)
        except OSError as error:
            raise SandboxError(f"“{name}” cannot be read: {error.strerror}.") from None

    def _read(self, folder: Path | str, parts: tuple[str, ...], above: int | None, most: int) -> bytes:
        with opened(folder, above) as descriptor:
            if len(parts) > 1:
                return self._read(parts[0], parts[1:], descriptor, most)
            file = os.open(parts[0], READ, dir_fd=descriptor)
        with os.fdopen(file, "rb") as stream:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                raise SandboxError(f"“{parts[0]}” is not an ordinary file.")
            data = stream.read(most + 1)
        if len(data) > most:
            raise SandboxError(f"“{parts[0]}” is larger than {most // 1_000_000} MB.")
        return data

    def write(self, name: str, data: bytes) -> str:
        """Put a file into the folder, in place of one of the same name; return the name it got.

        Raises:
            SandboxError: it cannot be written.
        """
        name = safe_name(name)
        fresh = f".arriving-{os.urandom(8).hex()}"
        try:
            with opened(self.path) as descriptor, contextlib.ExitStack() as failing:
                with os.fdopen(os.open(fresh, CREATE, 0o600, dir_fd=descriptor), "wb") as stream:
                    # Half a file would take what room there is on a full disk.
                    failing.callback(os.unlink, fresh, dir_fd=descriptor)
                    stream.write(data)
                    owner = os.fstat(descriptor)
                    if os.geteuid() == 0:
                        os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)
                # A rename replaces a link that waits there, and never goes through it.
                os.rename(fresh, name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
                failing.pop_all()
                self._known[name] = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_ctime_ns
        except OSError as error:
            raise SandboxError(f"“{name}” cannot be put into the workspace: {error.strerror}.") from None
        return name

    def remove(self, name: str) -> bool:
        """Delete a file or an empty folder; False if that is not possible."""
        *folders, last = PurePosixPath(name).parts
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            above = stack.enter_context(opened(self.path))
            for folder in folders:
                above = stack.enter_context(opened(folder, above))
            (os.rmdir if is_folder(last, above) else os.unlink)(last, dir_fd=above)
            return True
        return False

    def remember(self) -> None:
        """Take what is there as known: what differs from it later is what a cell did."""
        self._known = {entry.path: entry.status.st_ctime_ns for entry in entries(self.path)}

    def look(self) -> tuple[list[Entry], Usage]:
        """What was made or changed since the last look, and what everything takes.

        Compared with what was known, and not with a clock: file times are too coarse for cells of a millisecond.
        """
        changed, used, now = [], Usage(), {}
        for entry in entries(self.path):
            used.files += 1
            used.size += entry.status.st_blocks * 512
            now[entry.path] = entry.status.st_ctime_ns
            if self._known.get(entry.path) != entry.status.st_ctime_ns:
                changed.append(entry)
        self._known = now
        return changed, used
