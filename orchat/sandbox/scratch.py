"""A folder for what lives as long as the process: removed at its end, or by the next one when it could not."""

import atexit
import contextlib
import fcntl
import os
import secrets
from pathlib import Path

from orchat.sandbox.folders import remove_tree

LOCK = ".lock"


class Scratch:
    """One folder of this process below `above`. A lock tells that it is in use; the kernel lets go of it at the end."""

    def __init__(self, above: Path) -> None:
        above.mkdir(parents=True, exist_ok=True)
        sweep(above)
        self.path = above / f"{os.getpid()}-{secrets.token_hex(4)}"
        self.path.mkdir(mode=0o711)
        self._lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        atexit.register(self.close)

    def new(self, kind: str) -> Path:
        """A path in it that nothing has yet."""
        return self.path / f"{kind}-{secrets.token_hex(8)}"

    def close(self) -> None:
        """Remove it."""
        atexit.unregister(self.close)
        with contextlib.suppress(OSError):
            remove_tree(self.path)
        with contextlib.suppress(OSError):
            os.close(self._lock)


def sweep(above: Path) -> None:
    """Remove what processes left that were killed."""
    for folder in above.iterdir():
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            # Being made, or being removed.
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_tree(folder)
        except OSError:
            continue
        finally:
            os.close(lock)
