"""What stays behind: nothing, after many sessions, after a crash, after kill -9."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from orchat.sandbox import Pool, Sandbox
from orchat.sandbox.choice import scratch_of
from orchat.sandbox.engine import Engine
from orchat.sandbox.processes import tree
from orchat.sandbox.scratch import Scratch, sweep


def below(pid: int) -> set[int]:
    return set(tree(pid)) - {pid}


def memory() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def processes_of(folder: Path) -> list[int]:
    """Processes anywhere on the machine that have something to do with a folder."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            told = (process / "cmdline").read_bytes()
            where = (process / "cwd").readlink()
        except OSError:
            continue
        if os.fsencode(str(folder)) in told or where.is_relative_to(folder):
            found.append(int(process.name))
    return found


def session(engine: Engine, folder: Path) -> None:
    with Sandbox.open(folder, engine=engine) as box:
        assert (
            box.run("import subprocess, threading, time\nx = list(range(100_000))\nprint(len(x))").stdout == "100000\n"
        )
        box.run("threading.Thread(target=time.sleep, args=(600,), daemon=True).start()")
        box.run("subprocess.Popen(['sleep', '600'], start_new_session=True)")


@pytest.mark.parametrize("sessions", [10, pytest.param(50, marks=pytest.mark.long)])
def test_sessions_leave_nothing(engine: Engine, tmp_path: Path, sessions: int):
    for _ in range(3):
        session(engine, tmp_path / "w")
    before = below(os.getpid()), threading.active_count(), descriptors(), memory()
    scratch = sorted(engine.scratch.path.iterdir())
    for _ in range(sessions):
        session(engine, tmp_path / "w")
    # Less is fine: what an earlier test had running may end in the meantime.
    assert below(os.getpid()) <= before[0]
    assert threading.active_count() <= before[1]
    assert descriptors() <= before[2]
    assert memory() < before[3] * 1.05
    assert sorted(engine.scratch.path.iterdir()) == scratch
    assert processes_of(tmp_path) == []


def test_kill_9_of_the_application_ends_all_that_it_started(engine: Engine, tmp_path: Path):
    command = [sys.executable, str(Path(__file__).with_name("app.py")), engine.backend.name, str(tmp_path)]
    root = str(Path(__file__).parents[2])
    docker = {name: value for name, value in os.environ.items() if name.startswith(("DOCKER_", "ORCHAT_TEST_"))}  # noqa: TID251
    environment = {"PYTHONPATH": root, "PATH": "/usr/local/bin:/usr/bin:/bin", **docker}
    app = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env=environment)
    assert app.stdout is not None
    assert app.stdout.readline() == b"ready\n"
    started = below(app.pid)
    assert len(started) >= 3
    app.send_signal(signal.SIGKILL)
    app.wait()
    app.stdout.close()
    end = time.monotonic() + 10
    while alive := [pid for pid in started if Path(f"/proc/{pid}/exe").exists() and not_a_zombie(pid)]:
        assert time.monotonic() < end, alive
        time.sleep(0.05)
    while found := processes_of(tmp_path):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    running = tmp_path / "sandbox" / "running"
    assert len(list(running.iterdir())) == 1
    Scratch(running).close()
    assert list(running.iterdir()) == []
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()


def not_a_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_lives_is_not_swept(tmp_path: Path):
    mine = Scratch(tmp_path)
    (mine.path / "file").touch()
    sweep(tmp_path)
    assert (mine.path / "file").exists()
    mine.close()
    assert list(tmp_path.iterdir()) == []


def test_a_process_of_the_cell_ends_with_the_session(engine: Engine, tmp_path: Path):
    before = below(os.getpid())
    with Sandbox.open(tmp_path / "w", engine=engine) as box:
        box.run("import os\nif not os.fork():\n    os.setsid()\n    import time\n    time.sleep(600)\n    os._exit(0)")
        inside = below(os.getpid()) - before
        assert inside
    assert not {pid for pid in inside if not_a_zombie(pid)}


def test_a_pool_that_is_shut_down_leaves_nothing(engine: Engine, tmp_path: Path):
    before = below(os.getpid()), descriptors()
    pool = Pool(lambda: engine, warm=2)
    pool.session("ann", "a", tmp_path / "a").run("1")
    pool.shut_down()
    assert below(os.getpid()) == before[0]
    assert descriptors() == before[1]
    assert not [path for path in engine.scratch.path.iterdir() if path.name.startswith("early")]


def test_scratch_is_one_for_a_process(engine: Engine, tmp_path: Path):
    assert scratch_of(tmp_path) is scratch_of(tmp_path)
    scratch_of(tmp_path).close()
