"""Search in documents: their text with its place, an index over it, and what is found with page or heading."""

from orchat.search.collection import Collection
from orchat.search.document import Chunk, Parsed, Part, Place, Unit
from orchat.search.records import Hit, IndexedFile, VectorState

__all__ = ["Chunk", "Collection", "Hit", "IndexedFile", "Parsed", "Part", "Place", "Unit", "VectorState"]
