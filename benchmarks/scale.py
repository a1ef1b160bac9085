"""How much is measured: all of it, a quick look, or just enough to see that the code runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`quick` leaves out what takes minutes, `long` adds the peers that take minutes, `tiny` measures nothing."""

    quick: bool = False
    long: bool = False
    tiny: bool = False

    def chunks(self, wanted: int) -> int:
        """The length of an answer."""
        return 20 if self.tiny else wanted

    def rounds(self, wanted: int) -> int:
        """The number of rounds."""
        return 1 if self.tiny else max(3, wanted // 2) if self.quick else wanted
