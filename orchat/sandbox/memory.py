"""A place for files in memory: the folder of a tmpfs, found where the machine has one."""

import os
from functools import cache
from pathlib import Path

from orchat.sandbox.scratch import Scratch

MOUNTS = Path("/proc/self/mountinfo")
IN_MEMORY = {"tmpfs", "ramfs"}


@cache
def scratch_in_memory() -> Scratch | None:
    """One folder for this process that no disk ever sees, but for swap; None where the machine has no such place."""
    for place in (Path("/dev/shm"), Path(f"/run/user/{os.getuid()}")):  # noqa: S108 - a folder of our own in it
        if place.is_dir() and os.access(place, os.W_OK | os.X_OK) and type_of(place) in IN_MEMORY:
            try:
                return Scratch(place / f"orchat-{os.getuid()}")
            except OSError:
                continue
    return None


def type_of(folder: Path) -> str:
    """The file system that a folder is on, as the kernel names it; empty where it does not tell."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    # "36 35 98:0 / /mnt rw … - ext3 /dev/root rw": the mount point is the fifth, the type comes behind the dash.
    mounts = ((line.split()[4], line.partition(" - ")[2].split()) for line in lines)
    over = [(point, kind[0]) for point, kind in mounts if kind and folder.is_relative_to(point)]
    return max(over, key=lambda found: len(found[0]), default=("", ""))[1]
