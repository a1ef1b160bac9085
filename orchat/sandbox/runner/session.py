"""The session inside: one cell after the other in one namespace."""

import builtins
import contextlib
import gc
import os
import resource
import signal
import sys
import time
import types
from importlib import import_module
from typing import Any, NoReturn

from .cell import CpuLimitExceeded, describe, run_cell
from .channel import Channel
from .display import bundle
from .libraries import figures_of
from .packages import Packages


class Session:
    """Runs what comes in. Between cells it does not react to an interrupt."""

    def __init__(self, channel: Channel, set_up: dict[str, Any]) -> None:
        self._channel = channel
        self._cpu = set_up["cpu"]
        self._pid = os.getpid()
        self._in_cell = self._writing = self._interrupted = False
        self._module = types.ModuleType("__main__")
        self._module.__dict__["__builtins__"] = builtins
        sys.modules["__main__"] = self._module
        vars(builtins).update(display=self.display, input=refuse_input)
        if set_up.get("packages"):
            vars(builtins)["run_pip"] = Packages(set_up["packages"]).pip
        channel.before_write, channel.after_write = self._hold_interrupt, self._release_interrupt
        signal.signal(signal.SIGXCPU, self._cpu_used_up)
        signal.signal(signal.SIGINT, self._interrupt)

    def serve(self) -> NoReturn:
        """Say that the session is ready, then run cells until the application goes."""
        self._channel.write({"ready": {"python": ".".join(map(str, sys.version_info[:3]))}})
        while True:
            frame = self._channel.read()
            if "load" in frame:
                self._load(frame["load"])
            if "home" in frame:
                os.environ["HOME"] = frame["home"]
            if "code" in frame:
                self._run(frame["id"], frame["code"])

    def display(self, *values: Any) -> None:
        """Show values, each in the richest form that it has."""
        for value in values:
            try:
                self._channel.write({"display": bundle(value)})
            except ValueError as error:
                print(f"{type(value).__name__}: {error}", file=sys.stderr)  # noqa: T201 - the cell's own stream

    def _load(self, names: list[str]) -> None:
        for name in names:
            try:
                import_module(name)
            except ImportError:
                continue
        # What is loaded once is never garbage, so later collections need not look at it.
        gc.collect()
        gc.freeze()
        self._channel.write({"loaded": True})

    def _run(self, number: int, code: str) -> None:
        signal.signal(signal.SIGINT, self._interrupt)
        self._allow_cpu()
        self._channel.restore_texts()
        error = None
        self._interrupted = False
        try:
            self._in_cell = True
            run_cell(code, number, self._module.__dict__, self.display)
            for figure in figures_of(sys.modules):
                self.display(figure)
        except BaseException as raised:  # noqa: BLE001 - whatever it is, it ends the cell and not the session
            self._in_cell = False
            error = describe(raised)
        self._in_cell = False
        if os.getpid() != self._pid:
            os._exit(0)  # a child of the cell that ran on to its end
        for stream in (sys.stdout, sys.stderr):
            flush(stream)
        self._channel.write({"done": number, "error": error})

    def _allow_cpu(self) -> None:
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        soft = int(time.process_time()) + 1 + self._cpu
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))

    def _interrupt(self, *_: Any) -> None:
        if self._writing:
            self._interrupted = True
        elif self._in_cell:
            raise KeyboardInterrupt

    def _hold_interrupt(self) -> None:
        self._writing = True

    def _release_interrupt(self) -> None:
        self._writing = False
        if self._interrupted and self._in_cell:
            self._interrupted = False
            raise KeyboardInterrupt

    def _cpu_used_up(self, *_: Any) -> None:
        if self._in_cell:
            self._allow_cpu()
            raise CpuLimitExceeded(f"The cell used up its {self._cpu} seconds of processor time.")


def flush(stream: Any) -> None:
    # A cell may have put anything there.
    with contextlib.suppress(Exception):
        stream.flush()


def refuse_input(*_: Any) -> NoReturn:
    """Nobody sits at the keyboard."""
    raise RuntimeError("input() cannot ask anybody here. Put the value into the code, or read it from a file.")
