"""Tables of measurements: who was measured, beside whom, and whether the bar is met."""

import math
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path

COLUMNS = ("measured", "subject", "median", "× peer", "bar", "")
PACKAGES = ("streamlit", "httpx", "openai", "langchain-core", "playwright")
MEASURED = "Measured on "


@dataclass(frozen=True, slots=True)
class Bar:
    """What a row has to keep: a range of its value, or, with `relative`, of its ratio to the peer."""

    most: float = math.inf
    least: float = -math.inf
    relative: bool = False

    def met_by(self, row: "Row") -> bool:
        """Whether a row keeps it; one without a value does not."""
        value = row.ratio if self.relative else row.value
        return value is not None and self.least <= value <= self.most

    def __str__(self) -> str:
        sign = " ×" if self.relative else ""
        if math.isinf(self.least):
            return f"≤ {self.most:g}{sign}"
        if math.isinf(self.most):
            return f"≥ {self.least:,g}{sign}"
        return f"{self.least:g}–{self.most:g}{sign}"


@dataclass(frozen=True, slots=True)
class Row:
    """One subject's median of one measure. `peer` is what it is compared with; `note` says why there is no value."""

    measure: str
    subject: str
    value: float | None
    unit: str
    peer: float | None = None
    bar: Bar | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the peer's value it is."""
        return self.value / self.peer if self.value is not None and self.peer else None

    @property
    def missed(self) -> bool:
        """Whether there is a bar and it is not met."""
        return self.bar is not None and not self.bar.met_by(self)

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        value = f"{number(self.value)} {self.unit}" if self.value is not None else "–"
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        verdict = "" if self.bar is None else "missed" if self.missed else "met"
        return (
            self.measure,
            self.subject,
            value,
            ratio,
            str(self.bar or ""),
            " ".join(filter(None, (verdict, self.note))),
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one question, and what has to be known to read them."""

    title: str
    rows: Sequence[Row]
    notes: Sequence[str] = field(default_factory=tuple)

    def text(self) -> str:
        """The table for a terminal."""
        lines = [COLUMNS, *(row.cells() for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
        body = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        ]
        body.insert(1, "  ".join("─" * width for width in widths))
        return "\n".join([self.title, "", *body, *(f"  {note}" for note in self.notes)])

    def markdown(self) -> str:
        """The table for a page."""
        lines = [COLUMNS, ("---",) * len(COLUMNS), *(row.cells() for row in self.rows)]
        body = ["| " + " | ".join(line) + " |" for line in lines]
        return "\n".join([f"## {self.title}", "", *body, "", *(f"{note}  " for note in self.notes)])


def number(value: float) -> str:
    """A number with three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:.{digits}f}"


def machine() -> list[str]:
    """Where and with what the numbers came about."""
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {cpu_count()} cores, {_processor()}",
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    ]


def page(tables: Iterable[Table], earlier: str = "") -> str:
    """The page of results. Of an earlier one it keeps the tables that were not measured now, with their date."""
    fresh = {table.title: table.markdown().rstrip() for table in tables}
    kept = {title: body for title, body in _sections(earlier).items() if title not in fresh}
    head = [
        "# Results",
        "",
        "Written by `make bench ARGS='--write docs'`. Medians; subjects took turns in the same run. × peer is the "
        "ratio to the peer's row above it.",
        "",
        *(f"- {line}" for line in machine()),
    ]
    return "\n\n".join(["\n".join(head), *fresh.values(), *kept.values()]) + "\n"


def _sections(page: str) -> dict[str, str]:
    head, *sections = page.split("\n## ")
    day = next((line[2:12] for line in head.splitlines() if line.startswith("- 20")), "")
    dated = {}
    for section in sections:
        title, _, body = section.rstrip().partition("\n")
        note = "" if MEASURED in body else f"  \n{MEASURED}{day}."
        dated[title] = f"## {title}\n{body}{note}"
    return dated


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
