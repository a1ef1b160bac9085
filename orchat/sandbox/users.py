"""A user id for each session, where orchat runs as root: sessions are then strangers to each other and to orchat."""

import os
import secrets
import threading
from pathlib import Path

from orchat.sandbox.folders import is_folder, opened

FIRST, LAST = 20_000, 29_999
CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID = 0, 1, 5, 6, 7

_claimed: set[int] = set()
_lock = threading.Lock()


def can_separate() -> bool:
    """Whether this process may start others as any user of the range, and look after their files."""
    if os.geteuid() != 0:
        return False
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        mapped = Path("/proc/self/uid_map").read_text(encoding="utf-8")
    except OSError:
        return False
    held = int(next(line for line in status.splitlines() if line.startswith("CapEff:")).split()[1], 16)
    needed = (CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID)
    inside = [(int(first), int(count)) for first, _, count in map(str.split, mapped.splitlines())]
    return all(held >> bit & 1 for bit in needed) and any(
        first <= FIRST and first + count > LAST for first, count in inside
    )


def claim_uid() -> int:
    """A user id that no other session of this process has."""
    with _lock:
        while (uid := FIRST + secrets.randbelow(LAST - FIRST + 1)) in _claimed:
            pass
        _claimed.add(uid)
        return uid


def release_uid(uid: int) -> None:
    """Let it be used again."""
    with _lock:
        _claimed.discard(uid)


def give(folder: Path, uid: int) -> None:
    """Make a user the owner of a folder and of what is in it, links themselves and never what they point to."""
    with opened(folder) as descriptor:
        os.fchown(descriptor, uid, uid)
        os.fchmod(descriptor, 0o700)
        _give_below(descriptor, uid)


def _give_below(descriptor: int, uid: int) -> None:
    for name in os.listdir(descriptor):
        os.chown(name, uid, uid, dir_fd=descriptor, follow_symlinks=False)
        if is_folder(name, descriptor):
            with opened(name, descriptor) as below:
                _give_below(below, uid)


def reachable(paths: tuple[Path, ...]) -> bool:
    """Whether a stranger may go to these folders and look into them."""
    for path in paths:
        if not all(above.stat().st_mode & 0o001 for above in path.parents):
            return False
        if not path.stat().st_mode & 0o001:
            return False
    return True
