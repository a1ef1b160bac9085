"""Search in documents beside LanceDB's full-text search and SQLite's as it comes: how good, how quick."""

import gzip
import json
import math
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.peer_environment import PeerUnavailableError, python_with, version_of
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.rounds import medians
from benchmarks.scale import Scale

FTS5, PEER, WORDS, HYBRID = "FTS5", "LanceDB, at once", "orchat, words", "orchat"
BY_DOCUMENT = "LanceDB"
REQUIREMENT = "lancedb>=0.40,<0.41"
DATA = "ORCHAT_BENCH_DATA"
CORPUS = "cranfield.json.gz"
QUERIES = 100
ANSWER = "answer: "
SIZES = {10_000: {WORDS: 15.0, HYBRID: 80.0}, 100_000: {WORDS: 120.0, HYBRID: 220.0}}
"""Most milliseconds of CPU for a query, by number of chunks."""

QUALITY, AHEAD = Bar(least=0.55), Bar(least=1.05, relative=True)
INDEXING, FASTER = Bar(least=15_000), Bar(least=5, relative=True)


def measure(scale: Scale) -> Table:
    """Let every engine index and search the same texts, each in a process of its own."""
    notes = [
        "Search and indexing of made-up text of 1,050 characters a chunk: median CPU of a query of ten words, all "
        "threads. The hybrid's vectors are made up too; the query's is computed by MiniLM."
    ]
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        engines = {name: running.enter_context(_engine(name, folder)) for name in (FTS5, WORDS, HYBRID)}
        try:
            python = python_with(REQUIREMENT)
            peers = {name: running.enter_context(_engine(name, folder, python)) for name in (PEER, BY_DOCUMENT)}
            engines = {**peers, **engines}
            notes.append(
                f"LanceDB {version_of(python, 'lancedb')} in an environment of its own, with its defaults. “At once”: "
                "all rows, then the index. Else, and in orchat: 20 documents, each in the index before the next comes."
            )
        except PeerUnavailableError as reason:
            notes.append(f"LanceDB could not be measured: {reason}")
        for engine in engines.values():
            engine.line()
        indexing = _indexing(engines, scale)
        # They differ in how they index, not in what they find.
        engines.pop(BY_DOCUMENT, None)
        rows = [*_quality(engines, notes), *indexing]
        for size in SIZES:
            if not (scale.quick and size > 10_000):
                rows += _speed(engines, size, scale)
    return Table("Search in documents", rows, notes)


def _engine(name: str, folder: Path, python: str | None = None) -> Process:
    own = folder / name.replace(", ", "-")
    own.mkdir()
    command = ["benchmarks/search_engines.py", name, str(own)]
    return Process(command, python=python) if python else Process(command)


def _quality(engines: Mapping[str, Process], notes: list[str]) -> list[Row]:
    folder = os.environ.get(DATA)  # noqa: TID251 - a setting of the benchmarks, not of orchat
    path = Path(folder or "") / CORPUS
    if not folder or not path.is_file():
        notes.append(
            f"Quality was not measured: {DATA} names no folder with {CORPUS} (benchmarks/README.md says more)."
        )
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        data = json.load(file)
    asked = {id_: text for id_, text in data["queries"].items() if any(data["qrels"].get(id_, {}).values())}
    values = {}
    for name, engine in engines.items():
        _ask(engine, {"corpus": str(path.absolute())})
        found = _ask(engine, {"queries": list(asked.values()), "k": 10})["found"]
        grades = [data["qrels"][id_] for id_ in asked]
        values[name] = fmean(ndcg(ids, grade) for ids, grade in zip(found, grades, strict=True))
    measure = f"Cranfield, {len(asked)} queries: nDCG@10"
    rows = [Row(measure, name, value, "", _peer(values, name)) for name, value in values.items()]
    return [
        *rows[:-1],
        Row(measure, HYBRID, values[HYBRID], "", None, QUALITY),
        Row(measure, HYBRID, values[HYBRID], "", values.get(PEER), AHEAD),
    ]


def ndcg(found: Sequence[str], grades: Mapping[str, float], k: int = 10) -> float:
    """The discounted gain of the first `k`, with the grade as gain, as a share of the best possible."""

    def gain(ranked: Sequence[float]) -> float:
        return sum(grade / math.log2(rank + 2) for rank, grade in enumerate(ranked[:k]))

    return gain([grades.get(id_, 0) for id_ in found]) / gain(sorted(grades.values(), reverse=True))


def _indexing(engines: Mapping[str, Process], scale: Scale) -> list[Row]:
    count = scale.chunks(10_000)
    subjects = {name: engine for name, engine in engines.items() if name != HYBRID}
    spent = medians(
        scale.rounds(3), {name: partial(_ask, engine, {"index": count}) for name, engine in subjects.items()}
    )
    speeds = {name: count / seconds for name, seconds in spent.items()}
    measure = f"indexing {count:,} chunks, per second of CPU"
    rows = [Row(measure, name, speed, "", _peer(speeds, name)) for name, speed in speeds.items() if name != WORDS]
    return [
        *rows,
        Row(measure, WORDS, speeds[WORDS], "", None, INDEXING),
        Row(measure, WORDS, speeds[WORDS], "", speeds.get(BY_DOCUMENT), FASTER),
    ]


def _speed(engines: Mapping[str, Process], size: int, scale: Scale) -> list[Row]:
    count = scale.chunks(size)
    for engine in engines.values():
        _ask(engine, {"index": count})
    asked = {"made up": scale.chunks(QUERIES)}
    spent = medians(scale.rounds(3), {name: partial(_milliseconds, engine, asked) for name, engine in engines.items()})
    bars = SIZES[size]
    return [
        Row(
            f"search in {count:,} chunks, CPU",
            name,
            value,
            "ms",
            _peer(spent, name),
            Bar(most=bars[name]) if name in bars else None,
        )
        for name, value in spent.items()
    ]


def _milliseconds(engine: Process, order: Mapping[str, Any]) -> float:
    return float(_ask(engine, order)["ms"])


def _ask(engine: Process, order: Mapping[str, Any]) -> Any:
    line = engine.ask(json.dumps(order))
    while not line.startswith(ANSWER):
        # Libraries say what they like, above all on standard error.
        line = engine.line()
    return json.loads(line.removeprefix(ANSWER))


def _peer(values: Mapping[str, float], name: str) -> float | None:
    return values.get(PEER) if name != PEER else None
