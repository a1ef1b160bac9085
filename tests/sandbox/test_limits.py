"""Limits: which one was hit is said, the cell ends, and the session goes on wherever that is possible."""

from pathlib import Path

import pytest

from orchat.sandbox import Limits, Sandbox
from orchat.sandbox.engine import Engine
from orchat.sandbox.limits import MIB

KEEPS_VARIABLES = {
    "time": "while True: pass",
    "memory": "bytearray(1 << 30)",
    "disk": "open('x', 'wb').write(bytes(64 << 20))",
    "files": "import time\nfor n in range(9_000):\n    open(f'f{n}', 'w').close()\n    time.sleep(0.001)",
    "output": "for _ in range(60): print('x' * 10_000)",
    "processes": (
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    ),
}
TIGHT = Limits(
    memory=256 * MIB, disk=32 * MIB, files=1000, file_size=24 * MIB, text=100_000, processes=40, cpu=1, cpu_life=60
)


@pytest.fixture
def tight(engine: Engine, tmp_path: Path):
    with Sandbox.open(tmp_path / "workspace", TIGHT, engine=engine) as box:
        yield box


@pytest.mark.parametrize("limit", KEEPS_VARIABLES)
def test_a_breach_ends_the_cell_and_says_which_limit_it_was(tight: Sandbox, limit: str):
    tight.run("x = 5")
    if limit == "processes" and not counts_threads(tight):
        pytest.skip("root without a user of its own has no limit of threads")
    result = tight.run(KEEPS_VARIABLES[limit], timeout=1.0 if limit == "time" else 20.0)
    assert result.limit == limit
    if limit != "output":
        assert result.error is not None
    assert not result.ended
    assert tight.run("x").outputs[0].data == "5"


def counts_threads(box: Sandbox) -> bool:
    """Whether the kernel limits the number of tasks of whoever this is."""
    return box.run("import os; print(os.getuid())").stdout != "0\n"


def test_processor_time_is_limited_for_each_cell(tight: Sandbox):
    tight.run("x = 5")
    result = tight.run("while True: pass", timeout=60)
    assert result.limit == "cpu"
    assert not result.ended
    assert result.error is not None
    assert "processor time" in result.error.value
    assert tight.run("x").outputs[0].data == "5"


def test_what_does_not_end_at_its_limit_loses_its_interpreter_and_no_file(tight: Sandbox):
    tight.run("open('kept', 'w').write('1')")
    # Asleep: at work it would come to its limit of processor time before it is ended.
    stubborn = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    result = tight.run(stubborn, timeout=0.5)
    assert (result.limit, result.ended) == ("time", True)
    assert result.error is not None
    assert "variables are gone, files are there" in result.error.value
    assert tight.files.read("kept") == b"1"
    assert tight.run("1").fresh


def test_text_beyond_its_limit_is_counted_and_dropped(tight: Sandbox):
    result = tight.run("print('x' * 1_000_000)")
    assert len(result.stdout) == 100_000
    assert result.dropped == 900_001
    assert result.limit == "output"
    assert result.error is None


def test_files_beyond_the_disk_are_removed_so_that_the_next_cell_can_run(tight: Sandbox):
    tight.run("open('before', 'wb').write(bytes(1 << 20))")
    result = tight.run(
        "import os, time\nfor n in range(10):\n    open(f'f{n}', 'wb').write(os.urandom(8 << 20))\n    time.sleep(0.05)"
    )
    assert result.limit == "disk"
    assert result.removed >= 3
    assert tight.files.names() == ["before"]
    assert tight.run("open('after', 'w').write('x')").error is None


def test_a_quick_flood_of_files_is_noticed_after_the_cell(tight: Sandbox):
    result = tight.run("for n in range(1500): open(f'f{n}', 'w').close()")
    assert result.limit == "files"
    assert result.removed >= 500
    assert tight.files.names() == []


def test_values_beyond_their_number_are_dropped(tight: Sandbox):
    result = tight.run("for n in range(200): display(n)")
    assert len(result.outputs) == 50
    assert result.limit == "output"


def test_memory_of_children_counts(tight: Sandbox):
    result = tight.run(
        "import os, time\nfor _ in range(4):\n    if not os.fork():\n        block = bytearray(100 << 20)\n"
        "        for at in range(0, len(block), 4096): block[at] = 1\n        time.sleep(30)\n        os._exit(0)\n"
        "time.sleep(20)",
        timeout=25,
    )
    if result.error is not None and result.error.name == "PermissionError":
        pytest.skip("there are no children here")
    assert result.limit == "memory"
    assert not result.ended


def test_pages_that_processes_share_are_counted_once(tight: Sandbox):
    """A child shares what its parent had: two hundred megabytes are not two thousand."""
    result = tight.run(
        "import os, time\nblock = b'x' * (150 << 20)\nchildren = []\nfor _ in range(8):\n    pid = os.fork()\n"
        "    if not pid:\n        time.sleep(1)\n        os._exit(0)\n    children.append(pid)\n"
        "for pid in children: os.waitpid(pid, 0)\nprint('all')"
    )
    if result.error is not None and result.error.name == "PermissionError":
        pytest.skip("there are no children here")
    assert result.stdout == "all\n"
    assert result.limit is None
