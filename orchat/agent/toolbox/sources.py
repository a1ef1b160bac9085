"""Sources: where plugins are, and how their state is told without reading them again."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

GROUP = "orchat.tools"
"""The entry-point group of packages that bring tools."""


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

    def look(self) -> tuple[object, ...]:
        """Return what changes whenever a file is written; cheap, and compared with the look before."""
        return tuple((file, *_stamp(file)) for file in self.files())

    def content(self) -> str:
        """Return a digest of what the files hold, since a file can be written twice within one tick of the clock."""
        digest = hashlib.sha256()
        for file in self.files():
            digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()


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


def in_packages() -> Mapping[str, EntryPoint]:
    """Return the entry points of installed packages, by name."""
    return {point.name: point for point in entry_points(group=GROUP)}
