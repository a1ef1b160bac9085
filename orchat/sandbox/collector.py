"""Collects what one cell says, up to what is kept of it."""

import codecs
from collections.abc import Callable
from typing import Any, Literal

from orchat.errors import SandboxProtocolError
from orchat.sandbox.frames import decoded, strings
from orchat.sandbox.limits import Limits
from orchat.sandbox.outputs import to_output
from orchat.sandbox.result import CellError, Limit, Output

Kind = Literal["stdout", "stderr", "display"]
OnOutput = Callable[[Kind, str | Output], None]
"""Called with each piece of text and each displayed value as it comes, in the thread that runs the cell."""


def ignore(_kind: Kind, _payload: str | Output) -> None:
    """Wait for the result."""


class Text:
    """One of the two streams: what is kept, and how much was dropped."""

    def __init__(self, kind: Literal["stdout", "stderr"], most: int, on_output: OnOutput) -> None:
        self.dropped = 0
        self._kind: Literal["stdout", "stderr"] = kind
        self._left = most
        self._on_output = on_output
        self._parts: list[str] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, data: bytes, *, last: bool = False) -> None:
        """Take bytes as they come; `last` closes an unfinished character."""
        kept = data[: self._left]
        self._left -= len(kept)
        self.dropped += len(data) - len(kept)
        text = self._decoder.decode(kept, last)
        if text:
            self._parts.append(text)
            self._on_output(self._kind, text)

    def text(self) -> str:
        """All that was kept."""
        return "".join(self._parts)


class Collector:
    """What a cell has said so far."""

    def __init__(self, number: int, limits: Limits, on_output: OnOutput = ignore) -> None:
        self.number = number
        self.stdout = Text("stdout", limits.text, on_output)
        self.stderr = Text("stderr", limits.text, on_output)
        self.outputs: list[Output] = []
        self.error: CellError | None = None
        self.limit: Limit | None = None
        self.done = False
        self._on_output = on_output
        self._limits = limits
        self._size = 0

    def take(self, frame: dict[str, Any]) -> None:
        """Take a frame of the interpreter.

        Raises:
            SandboxProtocolError: it is not one that it may send.
        """
        if "display" in frame:
            self._display(strings(frame["display"], "a display"))
        elif "stdout" in frame and isinstance(frame["stdout"], str):
            self.stdout.add(decoded(frame["stdout"]))
        elif "done" in frame:
            # An answer to an earlier cell can only be a lie, and changes nothing.
            if frame["done"] == self.number:
                self._finish(frame.get("error"))
        else:
            raise SandboxProtocolError("The interpreter sent a frame of an unknown kind.")

    def _display(self, forms: dict[str, str]) -> None:
        self._size += sum(map(len, forms.values()))
        if self._size > self._limits.output_size:
            self.limit = "output"
            raise SandboxProtocolError(f"The cell displayed more than {self._limits.output_size // 1_000_000} MB.")
        if len(self.outputs) >= self._limits.outputs:
            self.limit = "output"
            return
        output = to_output(forms)
        self.outputs.append(output)
        self._on_output("display", output)

    def _finish(self, error: Any) -> None:
        if error is not None:
            parts = strings(error, "an error")
            self.error = CellError(
                parts.get("name", "Error")[:200], parts.get("value", "")[:20_000], parts.get("traceback", "")[:30_000]
            )
        self.done = True

    def close(self) -> None:
        """End both texts, and note which limit shows in what was said."""
        self.stdout.add(b"", last=True)
        self.stderr.add(b"", last=True)
        self.limit = self.limit or limit_of(self.error) or ("output" if self.dropped else None)

    @property
    def dropped(self) -> int:
        """Bytes of text that were not kept."""
        return self.stdout.dropped + self.stderr.dropped


def limit_of(error: CellError | None) -> Limit | None:
    """The limit that an error of Python tells of."""
    if error is None:
        return None
    if error.name == "CpuLimitExceeded":
        return "cpu"
    if error.name == "MemoryError" or "ArrayMemoryError" in error.name:
        return "memory"
    if "No space left on device" in error.value or "File too large" in error.value:
        return "disk"
    if "can't start new thread" in error.value or (error.name == "BlockingIOError" and "Errno 11" in error.value):
        return "processes"
    return None
