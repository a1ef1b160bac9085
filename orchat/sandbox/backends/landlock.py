"""Landlock and seccomp: a process that gives up nearly everything it could do, for where namespaces are not allowed.

It works in a container as it is. It starts no programs, and it can still see that a file exists, not what is in it.
"""

import base64
import ctypes
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchat.sandbox import processes, seccomp
from orchat.sandbox.backends.system import DATA, DEVICES, FILES, PROGRAMS, environment
from orchat.sandbox.launch import RUNNER, Launch, Place
from orchat.sandbox.users import reachable

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_DIR, MAKE_REG, REFER, TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
FILE_RIGHTS_BY_VERSION = [(1 << 13) - 1, REFER, TRUNCATE, 0, 1 << 15]
NETWORK_RIGHTS_BY_VERSION = [0, 0, 0, 0b11]
SCOPES_BY_VERSION = [0, 0, 0, 0, 0, 0b11]
RUN = EXECUTE | READ_FILE | READ_DIR
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
ABOUT_THE_MACHINE = (
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems"),
    "/sys/devices/system/cpu",
)
SPARE_TASKS = 256
"""What the application itself may start beside an interpreter, where the kernel counts both together."""


def version() -> int:
    """Which Landlock the kernel has; 0 for none."""
    return max(0, int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)))


class Landlock:
    """Runs interpreters that confine themselves."""

    name = "landlock"
    own_network = False

    def __init__(self) -> None:
        self._version = version() if platform.system() == "Linux" else 0

    def missing(self) -> str | None:
        """Whether the kernel has Landlock and the filter can be had."""
        if self._version == 0:
            return "the kernel has no Landlock (Linux 5.13 or newer, and not switched off)"
        if platform.machine() not in seccomp.AUDIT_ARCHITECTURES:
            return f"there is no system call filter for {platform.machine()}"
        return None

    def separates(self, place: Place) -> bool:
        """Where a stranger can reach Python, the runner and the folders."""
        python = place.python
        return reachable((*python.folders, python.stdlib, RUNNER, place.workspace.parent, place.temporary.parent))

    def launch(self, place: Place) -> Launch:
        """Start the Python itself; its runner does the rest."""
        python = place.python
        place.temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.uid is not None:
            os.chown(place.temporary, place.uid, place.uid)
        return Launch(
            [*python.command, str(RUNNER)],
            lambda pid: self._set_up(place, pid),
            environment(place.limits, str(place.workspace), str(place.temporary), python.executable.parent),
            home_moves=True,
        )

    def _set_up(self, place: Place, pid: int) -> dict[str, Any]:
        fonts = place.python.fonts
        scope = seccomp.Scope(namespaces=False, landlock_abi=self._version)
        program = seccomp.program(platform.machine(), scope, pid)
        owner = os.geteuid() if place.uid is None else place.uid
        tasks = place.limits.processes + (processes.tasks_of_user(owner) + SPARE_TASKS if place.uid is None else 0)
        return {
            "rlimits": {**place.limits.rlimits(), "RLIMIT_NPROC": tasks},
            "parent": os.getpid(),
            "uid": place.uid,
            "drop_capabilities": owner == 0,
            "workspace": str(place.workspace),
            "tmp": str(place.temporary),
            "fonts": str(fonts) if fonts else None,
            "landlock": {
                "files": FILE_RIGHTS_BY_VERSION,
                "network": NETWORK_RIGHTS_BY_VERSION,
                "scope": SCOPES_BY_VERSION,
                "paths": list(rules(place)),
            },
            "filters": {platform.machine(): base64.b64encode(program).decode()},
        }


def rules(place: Place) -> Iterable[tuple[str, int]]:
    """Rights by path; what is named nowhere is refused."""
    python = place.python
    hidden = set(python.foreign_packages)
    for folder in (*map(Path, PROGRAMS), *python.folders, RUNNER):
        for path in visible(folder, hidden):
            yield str(path), RUN
    for name in (*DATA, *FILES, *ABOUT_THE_MACHINE):
        yield name, READ
    for name in DEVICES:
        yield name, READ_FILE | WRITE_FILE
    for folder in (place.workspace, place.temporary):
        yield str(folder), WRITE


def visible(folder: Path, hidden: set[Path]) -> Iterable[Path]:
    """A folder, or its parts where something in it is hidden: a right cannot be taken back further down."""
    if not any(path.is_relative_to(folder) for path in hidden):
        yield folder
    elif folder not in hidden:
        for path in folder.iterdir():
            yield from visible(path, hidden) if path.is_dir() else [path]
