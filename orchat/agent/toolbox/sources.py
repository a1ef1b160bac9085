"""Sources: where plugins are, and how their state is told without reading them again."""

import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

GROUP = "orchat.tools"
"""The entry-point group of packages that bring tools."""
SETTLED_NS = 2_000_000_000
"""Files that were written less than this long ago, in nanoseconds, may have been written twice at the same time."""

Look = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A plugin in a folder: `x.py`, or `x/__init__.py` with the files beside it."""

    name: str
    path: Path
    origin: str
    """What a person is shown: `tools/x.py`."""

    def files(self) -> list[Path]:
        """Return the files that belong to it, in order."""
        return sorted(self.path.parent.rglob("*.py")) if self.is_package else [self.path]

    @property
    def is_package(self) -> bool:
        """Whether it is a folder."""
        return self.path.name == "__init__.py"

    def look(self) -> Look:
        """Return what changes whenever a file is written; cheap, and compared with the look before."""
        return tuple((file, *_stamp(file)) for file in self.files())

    def content(self) -> str:
        """Return a digest of what the files hold, since a file can be written twice within one tick of the clock."""
        digest = hashlib.sha256()
        for file in self.files():
            digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()


def is_settled(look: Look) -> bool:
    """Whether files that look like this would look different if they had been written once more."""
    newest = max((int(str(times[0])) for _, *times in look if times), default=0)
    return time.time_ns() - newest > SETTLED_NS


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        about = file.stat()
    except OSError:
        return ()
    return about.st_mtime_ns, about.st_size, about.st_ino


def in_folders(folders: Sequence[Path]) -> Iterator[Source]:
    """Yield the plugins in folders, by name; a folder that is not there has none."""
    for folder in folders:
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith((".", "_")):
                continue
            if entry.suffix == ".py" and entry.is_file():
                yield Source(entry.stem, entry, f"{folder.name}/{entry.name}")
            elif (entry / "__init__.py").is_file():
                yield Source(entry.name, entry / "__init__.py", f"{folder.name}/{entry.name}/")


def packages_look() -> Look:
    """Return what changes when a package is installed or removed."""
    return tuple((entry, *_stamp(Path(entry))) for entry in sys.path)


def in_packages() -> Sequence[EntryPoint]:
    """Return the entry points of installed packages, by name."""
    return _entry_points(packages_look())


@lru_cache(maxsize=1)
def _entry_points(_look: Look) -> Sequence[EntryPoint]:
    # Reading what some hundred packages say of themselves takes several milliseconds, which every look would spend.
    return sorted(entry_points(group=GROUP), key=lambda point: point.name)
