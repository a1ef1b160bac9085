"""What people hand over, as it is taken: bytes under a name that is a label and nothing else."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from orchat.search.parsing import ParseLimits
from orchat.search.parsing.limits import MB
from orchat.search.records import FileState, FileStatus

_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is small enough to be read."""

    name: str
    data: bytes
    sha256: str

    def queued(self) -> FileStatus:
        """Its status while nothing else is known of it."""
        return FileStatus("", self.name, len(self.data), self.sha256, FileState.QUEUED)


def take(file: Path | tuple[str, bytes], limits: ParseLimits) -> Upload | FileStatus:
    """Take a file by path, or as name and bytes; the status says why it is too large.

    Raises:
        OSError: it cannot be read from the disk.
    """
    name = label(file.name if isinstance(file, Path) else file[0])
    size = file.stat().st_size if isinstance(file, Path) else len(file[1])
    if size > limits.size:
        reason = f"The file has {size / MB:,.1f} MB; at most {limits.size / MB:,.0f} MB are read."
        return FileStatus("", name, size, "", FileState.FAILED, reason, "Split it, and add the parts that you need.")
    data = file.read_bytes() if isinstance(file, Path) else file[1]
    return Upload(name, data, hashlib.sha256(data).hexdigest())


def label(name: str) -> str:
    """A file's name without the folders before it, and without what no line of text holds."""
    last = _UNFIT.sub("", re.split(r"[/\\]", name)[-1]).strip()
    return last[-_LONGEST_NAME:] or "document"
