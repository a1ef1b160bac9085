"""What the doctor finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something is: `WARNING` works, and may surprise."""

    FINE = "fine"
    WARNING = "warning"
    FAILED = "failed"


_SIGNS = {State.FINE: "✓", State.WARNING: "!", State.FAILED: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do now."""

    subject: str
    state: State
    said: str
    advice: str = ""


def report(findings: Sequence[Finding]) -> str:
    """Return the findings as text for a terminal."""
    width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_SIGNS[finding.state]} {finding.subject:<{width}}  {finding.said}")
        if finding.advice:
            lines.append(f"  {'':<{width}}  {finding.advice}")
    return "\n".join(lines)
