"""Starts an interpreter and runs cells in it, as it is told by line: orchat's sandbox, or ipykernel as the peer.

The peer's Python has no orchat, so each is imported by its own class only.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

FIRST = "print(1)"
PLOT = """
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
frame = pd.DataFrame({"x": np.arange(100), "y": np.arange(100) ** 2})
plt.plot(frame.x, frame.y)
plt.savefig("plot.png")
frame.describe()
"""
WARM = "1 + 1"
CALLS = 200


class Orchat:
    """A sandbox of orchat's, by the backend that it chooses here."""

    def __init__(self) -> None:
        from orchat.sandbox import Pool, engine_for
        from orchat.settings import Settings

        self._engine = engine_for("auto", Settings.load())
        self._engine.environment.ensure(lambda _: None)
        self._pool = Pool(lambda: self._engine, warm=1)
        self._box: Any = None

    def start(self) -> None:
        from orchat.sandbox import Sandbox

        self._box = Sandbox.open(engine=self._engine)

    def run(self, code: str) -> None:
        result = self._box.run(code, timeout=120)
        assert result.error is None, result.error

    @property
    def pid(self) -> int:
        return int(self._box._kernel._process.pid)  # noqa: SLF001 - who measures it looks inside

    def stop(self) -> None:
        self._box.close()

    def plot_from_pool(self) -> float:
        """Seconds until a plot and a table, with an interpreter that was waiting."""
        self._pool.prepare()
        while not self._pool._warm._ready:  # noqa: SLF001 - as above
            time.sleep(0.05)
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            result = self._pool.session("bench", folder, Path(folder) / "workspace").run(PLOT, timeout=120)
            took = time.perf_counter() - began
            self._pool.close(folder)
        assert result.error is None, result.error
        return took


class Ipykernel:
    """ipykernel, over jupyter_client."""

    def __init__(self) -> None:
        self._manager: Any = None
        self._client: Any = None

    def start(self) -> None:
        from jupyter_client import KernelManager

        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(stderr=subprocess.DEVNULL, cwd=tempfile.gettempdir())
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def run(self, code: str) -> None:
        reply = self._client.execute_interactive(code, timeout=120, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok", reply

    @property
    def pid(self) -> int:
        return int(self._manager.provisioner.process.pid)

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def memory(pid: int) -> float:
    """Megabytes in use by a process and all below it, shared pages divided."""
    total = 0
    for one in tree(pid):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def one_round(kernel: Orchat | Ipykernel) -> list[float]:
    """First result, warm cell, plot and table from a cold start, memory idle and loaded; and from the pool, or 0."""

    def to_first() -> None:
        kernel.start()
        kernel.run(FIRST)

    first = seconds(to_first)
    idle = memory(kernel.pid)
    warm = median(seconds(lambda: kernel.run(WARM)) for _ in range(CALLS))
    plotting = seconds(lambda: kernel.run(PLOT))
    loaded = memory(kernel.pid)
    kernel.stop()
    pooled = kernel.plot_from_pool() if isinstance(kernel, Orchat) else 0.0
    return [first, warm, first + plotting, idle, loaded, pooled]


if __name__ == "__main__":
    measured: Orchat | Ipykernel = Ipykernel() if sys.argv[1] == "ipykernel" else Orchat()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(*one_round(measured), flush=True)
