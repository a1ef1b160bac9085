"""How much a document may ask of the machine."""

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one file may have and take. Sizes in bytes, times in seconds."""

    size: int = 50 * MB
    pages: int = 3_000
    characters: int = 20 * MB
    """Of text that comes out of the file."""
    expanded: int = 300 * MB
    """What an archive (DOCX, EPUB ...) may unpack to."""
    members: int = 10_000
    """How many files may lie in such an archive."""
    ratio: int = 100
    """How many times its packed size an archive may unpack to; small ones are not held to it."""
    memory: int = 1_500 * MB
    """Address space of the process that reads it."""
    cpu: float = 60.0
    cpu_per_mb: float = 0.5
    """Added to `cpu` for every megabyte of the file."""
    wall: float = 120.0

    def cpu_for(self, size: int) -> int:
        """Seconds of CPU that a file of `size` bytes may take."""
        return max(1, round(self.cpu + self.cpu_per_mb * size / MB))
