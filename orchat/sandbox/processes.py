"""What the processes of a session take, read from /proc."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
CGROUPS = "/sys/fs/cgroup"


def children(pid: int) -> list[int]:
    """The processes that a process started and that still are."""
    found: list[int] = []
    for task in listed(f"/proc/{pid}/task"):
        text = read(f"/proc/{pid}/task/{task}/children")
        found.extend(int(part) for part in text.split())
    return found


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))


def descend(pid: int, generations: int) -> int:
    """The first child of the first child …; `pid` itself for 0.

    Raises:
        ProcessLookupError: there is none.
    """
    for _ in range(generations):
        below = children(pid)
        if not below:
            raise ProcessLookupError(f"process {pid} has no child")
        pid = below[0]
    return pid


def runs(pid: int) -> bool:
    """Whether a process is there, and not only its exit status."""
    return read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] not in ([], ["Z"], ["X"])


def resident(pids: Iterable[int]) -> int:
    """Bytes of memory in use, pages that processes share counted for each."""
    return sum(int(parts[1]) * PAGE for pid in pids if len(parts := read(f"/proc/{pid}/statm").split()) > 1)


def proportional(pids: Iterable[int]) -> int:
    """Bytes of memory in use, pages that processes share divided among them."""
    total = 0
    for pid in pids:
        for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def cpu_and_tasks(pids: Iterable[int]) -> tuple[float, int]:
    """Seconds of processor time, children that have ended included; and how many threads there are, all together."""
    ticks = tasks = 0
    for pid in pids:
        fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        if len(fields) > 17:
            ticks += sum(map(int, fields[11:15]))
            tasks += int(fields[17])
    return ticks / TICKS, tasks


def unlinked_bytes(pids: Iterable[int]) -> int:
    """Bytes of files that are still open and have no name any more, which no walk through folders finds."""
    seen: dict[tuple[int, int], int] = {}
    for pid in pids:
        for number in listed(f"/proc/{pid}/fd"):
            try:
                status = Path(f"/proc/{pid}/fd/{number}").stat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())


def killed_for_memory(pid: int) -> int:
    """How many processes of a control group, given one of it, the kernel has ended for lack of memory."""
    total = 0
    for line in read(f"/proc/{pid}/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        # Version 1 has a hierarchy for memory, version 2 a single one without a name.
        files = {"memory": f"{CGROUPS}/memory{group}/memory.oom_control", "": f"{CGROUPS}{group}/memory.events"}
        for told in read(files.get(controllers, "/dev/null")).splitlines():
            name, _, number = told.partition(" ")
            total += int(number) if name == "oom_kill" else 0
    return total


def tasks_of_user(uid: int) -> int:
    """How many processes and threads a user has, which is what the kernel's limit counts."""
    total = 0
    for name in listed("/proc"):
        if name.isdigit():
            try:
                if Path(f"/proc/{name}").stat().st_uid == uid:
                    total += len(listed(f"/proc/{name}/task"))
            except OSError:
                continue
    return total


def listed(folder: str) -> list[str]:
    """Names in a folder; none where it has gone."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - called for each process, many times a second
    except OSError:
        return []


def read(path: str) -> str:
    """The text of a file; nothing where it has gone."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
