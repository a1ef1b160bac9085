"""What the usage page shows, worked out of the ledger's sums. No drawing here."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal

from orchat.store import Call, Spent
from orchat.ui import spreadsheet

Row = dict[str, object]
OTHERS = "other models"
MOST_COLOURS = 8
"""Models with a colour of their own in the chart."""
KINDS = {
    "chat": "Answers",
    "agent": "The agent's steps",
    "title": "Titles of chats",
    "summary": "Summaries of long chats",
    "embedding": "Vectors of documents",
    "rerank": "Ranking of passages",
    "scan": "Text of scanned pages",
    "tool": "Tools",
    "earlier": "Beside answers, before the ledger",
}
CSV_LEAVES_OUT = ("owner", "sent", "reserved", "lookups")


@dataclass(slots=True)
class Total:
    """Sums of several rows of the ledger."""

    requests: int = 0
    unknown: int = 0
    failed: int = 0
    stopped: int = 0
    cost: Decimal = Decimal(0)
    charged: Decimal = Decimal(0)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    providers: set[str] = field(default_factory=set)

    def add(self, spent: Spent) -> None:
        """Take another row."""
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(spent, name))
        if spent.provider:
            self.providers.add(spent.provider)


_SUMMED = [known.name for known in fields(Total) if known.name != "providers"]


def total(spending: Iterable[Spent]) -> Total:
    """Add everything up."""
    found = Total()
    for spent in spending:
        found.add(spent)
    return found


def totals(spending: Iterable[Spent], of: Callable[[Spent], str]) -> dict[str, Total]:
    """Add up by what `of` says, the most expensive first."""
    found: dict[str, Total] = defaultdict(Total)
    for spent in spending:
        found[of(spent)].add(spent)
    return dict(sorted(found.items(), key=lambda entry: (-entry[1].cost, entry[0])))


def by_day(spending: Sequence[Spent], name: Callable[[Spent], str], since: date, until: date) -> list[Row]:
    """Return the bars of the chart: each day's costs by model, days without any included."""
    order = list(totals(spending, name))
    shown = set(order if len(order) <= MOST_COLOURS else order[: MOST_COLOURS - 1])
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for spent in spending:
        sums[spent.day, name(spent) if name(spent) in shown else OTHERS] += spent.cost
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    models = [*(model for model in order if model in shown), OTHERS]
    bars = ((day, model) for day in days for model in models if (day, model) in sums)
    rows: list[Row] = [{"Day": f"{day:%Y-%m-%d}", "Model": m, "US dollars": float(sums[day, m])} for day, m in bars]
    empty = {f"{day:%Y-%m-%d}" for day in days} - {row["Day"] for row in rows}
    return [*rows, *({"Day": day, "Model": order[0] if order else OTHERS, "US dollars": 0.0} for day in sorted(empty))]


def model_rows(by_model: dict[str, Total], first_tokens: dict[str, list[tuple[int, int]]]) -> list[Row]:
    """Return the table of models."""
    return [
        {
            "Model": name,
            "Cost": float(sums.cost),
            "Requests": sums.requests,
            "Tokens in": sums.prompt_tokens,
            "Cached": sums.cached_tokens,
            "Tokens out": sums.completion_tokens,
            "First token": seconds_at(first_tokens.get(name, []), 0.5),
            "Slow": seconds_at(first_tokens.get(name, []), 0.95),
            "Errors": sums.failed,
            "Cost unknown": sums.unknown,
            "Providers": ", ".join(sorted(sums.providers)),
        }
        for name, sums in by_model.items()
    ]


def rows_of(sums: dict[str, Total], heading: str) -> list[Row]:
    """Return a table with few columns."""
    return [
        {
            heading: name,
            "Cost": float(one.cost),
            "Requests": one.requests,
            "Tokens in": one.prompt_tokens,
            "Tokens out": one.completion_tokens,
            "Errors": one.failed,
            "Cost unknown": one.unknown,
        }
        for name, one in sums.items()
    ]


def seconds_at(counted: Sequence[tuple[int, int]], share: float) -> float | None:
    """Return the time within which this share of the answers began, in seconds; None where none did."""
    wanted = share * sum(number for _, number in counted)
    for milliseconds, number in sorted(counted):
        wanted -= number
        if wanted <= 0:
            return milliseconds / 1000
    return None


def as_csv(calls: Iterable[Call], *, whose: bool = False) -> Iterator[str]:
    """Yield the requests as lines of CSV, a heading first. There is nothing of their content in it.

    With `whose` each line says whose request it was.
    """
    names = [known.name for known in fields(Call)]
    kept = [at for at, name in enumerate(names) if name not in CSV_LEAVES_OUT or (whose and name == "owner")]
    yield _line([names[at] for at in kept])
    for call in calls:
        values = astuple(call)
        yield _line([_cell(values[at]) for at in kept])


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else spreadsheet.cell(str(value))


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
