"""Rounds: every subject once, then every subject again, so that a change of the machine's load meets all of them."""

from collections.abc import Callable, Mapping
from statistics import median


def medians(rounds: int, subjects: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Measure each subject once per round and return the median of each."""
    measured: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, measure in subjects.items():
            measured[name].append(measure())
    return {name: median(values) for name, values in measured.items()}
