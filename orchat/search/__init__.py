"""Search in documents: their text with its place, an index over it, and what is found with page or heading."""

from typing import TYPE_CHECKING, Any

from orchat.search.document import Chunk, Parsed, Part, Place, Unit
from orchat.search.parsing import ParseLimits
from orchat.search.records import FileState, FileStatus, Hit, IndexedFile, VectorState

if TYPE_CHECKING:
    from orchat.search.collection import Collection

__all__ = [
    "Chunk",
    "Collection",
    "FileState",
    "FileStatus",
    "Hit",
    "IndexedFile",
    "ParseLimits",
    "Parsed",
    "Part",
    "Place",
    "Unit",
    "VectorState",
]


def __getattr__(name: str) -> Any:
    # On first use: a process that only reads a document needs neither numpy nor a database.
    if name == "Collection":
        from orchat.search.collection import Collection

        return Collection
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
