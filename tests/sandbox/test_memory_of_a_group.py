"""The kernel ends a process of a container for its memory, sooner than the watch has measured it: that is said too."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.sandbox import processes
from orchat.sandbox.limits import Limits
from orchat.sandbox.result import Limit
from orchat.sandbox.watch import Watched, look

FIRST = {"group": "4:memory:/box\n0::/\n", "file": "memory/box/memory.oom_control"}
SECOND = {"group": "0::/box\n", "file": "box/memory.events"}


@pytest.fixture
def pid() -> Iterator[int]:
    """A process that takes next to nothing."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture(params=[FIRST, SECOND], ids=["version 1", "version 2"])
def told(request: pytest.FixtureRequest, pid: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the kernel says it of that process."""
    file = tmp_path / request.param["file"]
    file.parent.mkdir(parents=True)
    read, own = processes.read, f"/proc/{pid}/cgroup"
    monkeypatch.setattr(processes, "CGROUPS", str(tmp_path))
    monkeypatch.setattr(processes, "read", lambda path: request.param["group"] if path == own else read(path))
    return file


@pytest.mark.parametrize("own_group", [True, False])
def test_each_is_told_once_and_only_where_the_group_is_the_sessions_own(told: Path, pid: int, own_group: bool):
    breaches = list[tuple[Limit, bool]]()
    session = Watched(pid, pid, Limits(), (), (), lambda *breach: breaches.append(breach), own_group=own_group)
    counts = []
    for number in (0, 1, 1, 3):
        told.write_text(f"oom 9\noom_kill {number}\noom_group_kill 7\n")
        look(session)
        counts.append(len(breaches))
    assert counts == ([0, 1, 1, 2] if own_group else [0, 0, 0, 0])
    # Its variables are still there: what took too much is gone.
    assert set(breaches) <= {("memory", False)}


def test_where_the_kernel_does_not_say_it_there_were_none(told: Path, pid: int):
    assert processes.killed_for_memory(pid) == 0
