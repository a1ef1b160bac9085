"""How a cell ended, in words: its own error, or ours where it did not end by itself."""

from orchat.errors import SandboxProtocolError
from orchat.sandbox.collector import Collector
from orchat.sandbox.limits import Limits
from orchat.sandbox.result import CellError, Result

STOPPED = Result(error=CellError("KeyboardInterrupt", "The code was stopped before it began."), interrupted=True)
DEEDS = {
    "time": "ran longer than the {timeout:g} seconds it had",
    "cpu": "used up its processor time",
    "memory": "used more than {memory} MiB of memory",
    "processes": "started more than {processes} processes and threads",
    "disk": "wrote more than {disk} MiB",
    "files": "made more than {files} files",
    "output": "displayed more than is kept",
}


def error_of(
    collector: Collector,
    broken: SandboxProtocolError | None,
    limits: Limits,
    timeout: float,
    *,
    stopped: bool,
    alive: bool,
) -> CellError | None:
    """Why a cell ended early, None if it did not.

    `stopped` says whether a person wanted that, `alive` whether the interpreter is still there.
    """
    own, limit = collector.error, collector.limit
    after = "" if alive else " The interpreter ended with it: variables are gone, files are there."
    by_itself = own is not None and own.name != "KeyboardInterrupt"
    if limit is not None and not by_itself and (own is not None or not alive or limit in {"disk", "files"}):
        return CellError("LimitExceeded", f"The code {in_words(limit, limits, timeout)}.{after}")
    if broken is not None:
        return CellError(type(broken).__name__, f"{broken.message}{after}")
    if own is None and not collector.done:
        if stopped:
            return CellError("KeyboardInterrupt", f"The code was stopped.{after}")
        return CellError("InterpreterEnded", f"The code ended its interpreter.{after}")
    return own


def in_words(limit: str, limits: Limits, timeout: float) -> str:
    """What a cell did to come up against a limit."""
    return DEEDS[limit].format(
        timeout=timeout,
        memory=limits.memory >> 20,
        disk=limits.disk >> 20,
        processes=limits.processes,
        files=f"{limits.files:,}",
    )
