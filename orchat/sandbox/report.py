"""What a machine can do: a finding for each backend, and the one that is used."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of trying a backend."""

    backend: str
    reason: str = ""
    """Why it cannot be used; empty if it can."""
    passed: int = 0
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether it started and passed every self-test."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, in the order in which it was tried."""

    chosen: str | None
    findings: tuple[Finding, ...]
    reason: str = ""
    """Why nothing was chosen."""
    reach: str = ""
    """What code may reach over the network; empty for nothing."""
    without_reach: str = ""
    """Why code reaches nothing though the operator named hosts."""
