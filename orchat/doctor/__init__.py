"""The doctor: looks at everything that orchat needs, and says of each what is wrong and what to do."""

from orchat.doctor.checks import examine
from orchat.doctor.finding import Finding, State, report

__all__ = ["Finding", "State", "examine", "report"]
