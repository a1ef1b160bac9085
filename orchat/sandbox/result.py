"""What a cell did, as plain values."""

from dataclasses import dataclass
from typing import Literal

Limit = Literal["time", "cpu", "memory", "processes", "disk", "files", "output"]
"""Which limit a cell came up against."""


@dataclass(frozen=True, slots=True)
class Output:
    """A value that the cell displayed, in its richest form that we know how to show.

    `data` is bytes for images and text for the rest (JSON as text). It comes from the sandbox: do not trust it.
    """

    mime: str
    data: str | bytes
    text: str = ""
    """The same as plain text, for whoever cannot see."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell ended early."""

    name: str
    value: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One cell, run. Texts and outputs come from the sandbox: do not trust them."""

    stdout: str = ""
    stderr: str = ""
    error: CellError | None = None
    outputs: tuple[Output, ...] = ()
    files: tuple[str, ...] = ()
    """Names of the files that the cell wrote, relative to the workspace."""
    duration: float = 0.0
    """Seconds."""
    limit: Limit | None = None
    interrupted: bool = False
    """Whether somebody stopped it."""
    dropped: int = 0
    """Bytes of text beyond what is kept."""
    fresh: bool = False
    """Whether the cell began in a new interpreter although there was one before: its variables were gone."""
    ended: bool = False
    """Whether the interpreter ended with the cell: the variables are gone, the files are there."""
    removed: int = 0
    """How many files were deleted again, since the cell wrote more than it may."""
