"""Bubblewrap: namespaces in which the rest of the machine does not exist."""

import base64
import os
import platform
import shutil
from pathlib import Path
from typing import Any

from orchat.sandbox import seccomp
from orchat.sandbox.backends.system import DATA, FILES, PROGRAMS, environment
from orchat.sandbox.egress import Egress, Handover
from orchat.sandbox.egress.egress import CERTIFICATES, PORT
from orchat.sandbox.launch import RUNNER, Launch, Place
from orchat.sandbox.limits import MIB
from orchat.sandbox.seccomp import Network

INSIDE = "/opt/orchat/runner"
WORKSPACE, TEMPORARY, SHARED = "/workspace", "/tmp", "/dev/shm"  # noqa: S108 - a file system of the session's own
SHARED_SIZE = 64 * MIB
PACKAGES = f"{TEMPORARY}/packages"
"""What pip installs into a session: in memory, within the limit of temporary files, and gone with the interpreter."""


class Bwrap:
    """Runs interpreters under bubblewrap, with a seccomp filter."""

    name = "bwrap"
    own_network = True

    def __init__(self) -> None:
        self._program = shutil.which("bwrap")

    def missing(self) -> str | None:
        """Whether bubblewrap and the filter can be had at all."""
        if self._program is None:
            return "bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
        if platform.machine() not in seccomp.AUDIT_ARCHITECTURES:
            return f"there is no system call filter for {platform.machine()}"
        return None

    def separates(self, place: Place) -> bool:  # noqa: ARG002 - other backends look at it
        """Always: root makes the mounts, wherever the folders are."""
        return True

    def launch(self, place: Place) -> Launch:
        """Bind what it may read, its workspace, and nothing else."""
        handover = Handover() if place.egress else None
        descriptors = [filter_descriptor(place), *([handover.descriptor] if handover else [])]
        command = [
            self._program or "bwrap",
            *self._namespaces(place.uid),
            *mounts(place),
            "--clearenv",
            *options(variables(place)),
            *("--seccomp", str(descriptors[0])),
            *("--chdir", "/", "--", *place.python.command, INSIDE),
        ]
        return Launch(
            command,
            lambda _pid: set_up(place, handover),
            descriptors=tuple(descriptors),
            generations=2,
            temporary_folders=(TEMPORARY, SHARED),
            handover=handover,
        )

    def _namespaces(self, uid: int | None) -> list[str]:
        always = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        always += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        if uid is not None:
            # The runner leaves root before the first cell.
            return [*always, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        return [*always, "--unshare-user", "--uid", "1000", "--gid", "1000"]


class FileSystem:
    """The file system of a session, as bubblewrap's arguments; the order counts."""

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self._above: set[Path] = {Path("/")}

    def add(self, kind: str, *parts: str | Path) -> None:
        """Mount something at the last of the parts. Everybody may go through the folders above it."""
        for folder in reversed(Path(parts[-1]).parents):
            if folder not in self._above:
                self._above.add(folder)
                self.arguments += ["--perms", "0755", "--dir", str(folder)]
        self.arguments += [kind, *map(str, parts)]

    def temporary(self, size: int, path: str) -> None:
        """Mount an empty one of `size` bytes, in memory."""
        self._above.add(Path(path))
        self.arguments += ["--size", str(size), "--perms", "1777", "--tmpfs", path]


def mounts(place: Place) -> list[str]:
    """What a session sees: system folders, Python, the runner, its workspace, and temporary folders of its own."""
    python, files = place.python, FileSystem()
    files.arguments += ["--proc", "/proc", "--dev", "/dev"]
    files.temporary(place.limits.temporary, TEMPORARY)
    files.temporary(SHARED_SIZE, SHARED)
    for path in (*PROGRAMS, *DATA, *FILES):
        files.add("--ro-bind-try", path, path)
    for name in ("lib", "lib64", "bin"):
        files.add("--symlink", f"usr/{name}", f"/{name}")
    for folder in python.folders:
        files.add("--ro-bind", folder, folder)
    for folder in python.foreign_packages:
        files.arguments += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    files.add("--ro-bind", RUNNER, INSIDE)
    files.add("--bind", place.workspace, WORKSPACE)
    if place.egress:
        files.add("--ro-bind", place.egress.certificates, CERTIFICATES)
    return [*files.arguments, "--remount-ro", "/dev", "--remount-ro", "/"]


def variables(place: Place) -> dict[str, str]:
    """Its environment variables."""
    own = environment(place.limits, WORKSPACE, TEMPORARY, place.python.executable.parent)
    return {**own, **(place.egress.variables() if place.egress else {})}


def options(variables: dict[str, str]) -> list[str]:
    """Environment variables as bubblewrap's arguments."""
    return [part for name, value in variables.items() for part in ("--setenv", name, value)]


def filter_descriptor(place: Place) -> int:
    """The filter, where bubblewrap can read it. The runner adds a stricter one when it has opened a port."""
    descriptor = os.memfd_create("orchat-filter")
    os.write(descriptor, filter_for(Network.LISTENS if place.egress else Network.NONE))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def filter_for(network: Network) -> bytes:
    """The filter of a session on this machine."""
    return seccomp.program(platform.machine(), seccomp.Scope(namespaces=True, network=network))


def set_up(place: Place, handover: Handover | None) -> dict[str, Any]:
    """What the runner is told."""
    fonts: Path | None = place.python.fonts
    return {
        **(with_network(place.egress, handover) if place.egress and handover else {}),
        "rlimits": {**place.limits.rlimits(), "RLIMIT_NPROC": place.limits.processes},
        "uid": place.uid,
        "workspace": WORKSPACE,
        "tmp": TEMPORARY,
        "fonts": str(fonts) if fonts else None,
    }


def with_network(egress: Egress, handover: Handover) -> dict[str, Any]:
    """What it is told in addition where code may reach something."""
    strict = base64.b64encode(filter_for(Network.CONNECTS)).decode()
    return {
        "port": {"number": PORT, "to": handover.descriptor},
        "filters": {platform.machine(): strict},
        "packages": {"index": egress.index, "folder": PACKAGES} if egress.index else None,
    }
