"""Processes of a measurement: started, spoken to by line, their CPU read, ended with it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]


class ProcessEndedError(Exception):
    """A process that was being measured has ended."""


class Process:
    """A Python process that prints a line when it is ready. `command` is what follows `python` on the command line."""

    def __init__(
        self, command: Sequence[str], *, python: str = sys.executable, environment: Mapping[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            [python, *command],
            cwd=ROOT,
            # What the caller's environment says to orchat would change what is measured.
            env={**_clean_environment(), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        # Read at all times: a process that logs much would stop at a full pipe.
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def line(self) -> str:
        """Wait for the next line that the process prints.

        Raises:
            ProcessEndedError: it has ended instead.
        """
        line = self._lines.get()
        if line is None:
            raise ProcessEndedError(f"{self._process.args!r} has ended with status {self._process.wait()}.")
        return line

    def ask(self, line: str) -> str:
        """Give the process a line and return the line that it answers with."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.line()

    def cpu(self) -> float:
        """Seconds of CPU that the process has used so far, in steps of a clock tick (10 ms); Linux only."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _clean_environment() -> dict[str, str]:
    ours = ("ORCHAT_", "OPENROUTER_", "STREAMLIT_", "PYTHON")
    inherited = os.environ.items()  # noqa: TID251 - handed on to a process, not read for settings
    return {name: value for name, value in inherited if not name.startswith(ours)}
