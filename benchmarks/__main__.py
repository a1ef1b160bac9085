"""The command line of the measurements."""

import argparse
from collections.abc import Callable, Sequence

from benchmarks import (
    cold_start,
    langchain_cpu,
    load,
    long_answer,
    long_chat,
    model_picker,
    parsing,
    report,
    reruns,
    sandbox,
    search,
    stored,
    stream_cpu,
    toolbox_scan,
)
from benchmarks.browser import NoBrowserError
from benchmarks.processes import ROOT
from benchmarks.report import Table
from benchmarks.scale import Scale

SECTIONS: dict[str, Callable[[Scale], Table]] = {
    "stream": stream_cpu.measure,
    "agent": langchain_cpu.measure,
    "tools": toolbox_scan.measure,
    "page": long_answer.measure,
    "start": cold_start.measure,
    "reruns": reruns.measure,
    "long-chat": long_chat.measure,
    "sandbox": sandbox.measure,
    "picker": model_picker.measure,
    "load": load.measure,
    "parsing": parsing.measure,
    "search": search.measure,
    "usage": stored.usage,
    "history": stored.search,
}
RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print each table as soon as it is there; the exit status is 1 when a bar is missed."""
    options = _parser().parse_args(arguments)
    scale = Scale(quick=options.quick, long=options.long)
    print("\n".join(report.machine()), flush=True)
    tables = []
    for name in options.sections or SECTIONS:
        try:
            table = SECTIONS[name](scale)
        except NoBrowserError as reason:
            print(f"\n{name}: left out. {reason}", flush=True)
            continue
        print(f"\n{table.text()}", flush=True)
        tables.append(table)
    if options.write == "docs":
        earlier = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(report.page(tables, earlier), encoding="utf-8")
        print(f"\nWritten to {RESULTS.relative_to(ROOT)}.")
    return int(any(row.missed for table in tables for row in table.rows))


def _section(name: str) -> str:
    # Not `choices`: argparse would check an empty list of sections too.
    if name not in SECTIONS:
        raise argparse.ArgumentTypeError(f"there is no {name!r}, only {', '.join(SECTIONS)}")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description="Measure orchat beside its peers.")
    parser.add_argument(
        "sections",
        nargs="*",
        type=_section,
        metavar="section",
        help=f"what to measure: {', '.join(SECTIONS)} (default: everything)",
    )
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("--quick", action="store_true", help="fewer rounds and shorter answers: about 6 minutes")
    how_much.add_argument(
        "--long", action="store_true", help="the naive page with 8,000 chunks too, which kills its tab"
    )
    parser.add_argument("--write", choices=["docs"], help="also write what was measured into benchmarks/RESULTS.md")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
