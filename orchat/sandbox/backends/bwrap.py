"""Bubblewrap: namespaces in which the rest of the machine does not exist."""

import os
import platform
import shutil
from pathlib import Path
from typing import Any

from orchat.sandbox import seccomp
from orchat.sandbox.backends.system import DATA, FILES, PROGRAMS, environment
from orchat.sandbox.launch import RUNNER, Launch, Place
from orchat.sandbox.limits import MIB

INSIDE = "/opt/orchat/runner"
WORKSPACE, TEMPORARY, SHARED = "/workspace", "/tmp", "/dev/shm"  # noqa: S108 - a file system of the session's own
SHARED_SIZE = 64 * MIB


class Bwrap:
    """Runs interpreters under bubblewrap, with a seccomp filter."""

    name = "bwrap"

    def __init__(self) -> None:
        self._program = shutil.which("bwrap")

    def missing(self) -> str | None:
        """Whether bubblewrap and the filter can be had at all."""
        if self._program is None:
            return "bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
        if platform.machine() not in seccomp.AUDIT_ARCHITECTURES:
            return f"there is no system call filter for {platform.machine()}"
        return None

    def separates(self, place: Place) -> bool:
        """Always: root makes the mounts, wherever the folders are."""
        return True

    def launch(self, place: Place) -> Launch:
        """Bind what it may read, its workspace, and nothing else."""
        python = place.python
        command = [
            self._program or "bwrap",
            *self._namespaces(place.uid),
            *mounts(place),
            "--clearenv",
            *options(environment(place.limits, WORKSPACE, TEMPORARY, python.executable.parent)),
            *("--seccomp", str(descriptor := filter_descriptor())),
            *("--chdir", "/", "--", str(python.executable), "-I"),
            *(() if python.environment else ("-S",)),
            INSIDE,
        ]
        return Launch(
            command,
            lambda _pid: set_up(place),
            descriptors=(descriptor,),
            generations=2,
            temporary_folders=(TEMPORARY, SHARED),
        )

    def _namespaces(self, uid: int | None) -> list[str]:
        always = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        always += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        if uid is not None:
            # The runner leaves root before the first cell.
            return [*always, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        return [*always, "--unshare-user", "--uid", "1000", "--gid", "1000"]


def mounts(place: Place) -> list[str]:
    """The file system of a session, as bubblewrap's arguments; the order counts."""
    python = place.python
    found: list[str] = []
    for folder in python.folders:
        # Made readable for every user, unlike the folders of the same name outside.
        for above in reversed(folder.parents[:-1]):
            found += ["--perms", "0755", "--dir", str(above)]
    for path in (*PROGRAMS, *DATA, *FILES):
        found += ["--ro-bind-try", path, path]
    found += ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin"]
    found += ["--proc", "/proc", "--dev", "/dev"]
    found += ["--size", str(place.limits.temporary), "--perms", "1777", "--tmpfs", TEMPORARY]
    found += ["--size", str(SHARED_SIZE), "--perms", "1777", "--tmpfs", SHARED]
    for folder in python.folders:
        found += ["--ro-bind", str(folder), str(folder)]
    for folder in python.foreign_packages:
        found += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    found += ["--ro-bind", str(RUNNER), INSIDE, "--bind", str(place.workspace), WORKSPACE]
    return [*found, "--remount-ro", "/dev", "--remount-ro", "/"]


def options(variables: dict[str, str]) -> list[str]:
    """Environment variables as bubblewrap's arguments."""
    return [part for name, value in variables.items() for part in ("--setenv", name, value)]


def filter_descriptor() -> int:
    """The filter, where bubblewrap can read it."""
    program = seccomp.program(platform.machine(), seccomp.Scope(namespaces=True))
    descriptor = os.memfd_create("orchat-filter")
    os.write(descriptor, program)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def set_up(place: Place) -> dict[str, Any]:
    """What the runner is told."""
    fonts: Path | None = place.python.fonts
    return {
        "rlimits": {**place.limits.rlimits(), "RLIMIT_NPROC": place.limits.processes},
        "uid": place.uid,
        "workspace": WORKSPACE,
        "tmp": TEMPORARY,
        "fonts": str(fonts) if fonts else None,
    }
