"""The sandbox beside ipykernel over jupyter_client, which isolates nothing: time to a result, and memory."""

import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median

from benchmarks.peer_environment import PeerUnavailableError, python_with, version_of
from benchmarks.processes import ROOT, Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale
from orchat.sandbox import available
from orchat.sandbox.environment import UserEnvironment

OURS, PEER = "orchat", "ipykernel"
ROUNDS = 5
PACKAGES = ("numpy>=2.1,<3", "pandas>=2.2,<4", "matplotlib>=3.10,<4")
MEASURES: Mapping[str, tuple[int, str, float, Bar | None]] = {
    "start to first result": (0, "s", 1, Bar(most=0.33, relative=True)),
    "a warm cell": (1, "ms", 1000, Bar(most=0.1, relative=True)),
    "plot and table, cold": (2, "s", 1, None),
    "memory, idle": (3, "MB", 1, None),
    "memory, numpy, pandas and matplotlib loaded": (4, "MB", 1, Bar(most=100)),
}
POOLED = 5


def measure(scale: Scale, environment: UserEnvironment | None = None) -> Table:
    """Run both by turns; the environment for code is made at the first use, then kept."""
    environment = environment or UserEnvironment(None, ROOT / "benchmarks" / ".venv-code")
    report = available()
    if report.chosen is None:
        return Table("Code in the sandbox", [Row("start to first result", OURS, None, "s", note=report.reason)])
    notes = [f"orchat isolates with {report.chosen}; ipykernel runs as it is."]
    if environment.ensure(print) is None:
        raise PeerUnavailableError(f"The packages for code cannot be installed: {environment.problem}")
    values: dict[str, list[list[float]]] = {OURS: []}
    with ExitStack() as running:
        data = running.enter_context(tempfile.TemporaryDirectory())
        drivers = {OURS: _driver(running, OURS, None, data, environment)}
        try:
            python = python_with("jupyter-client>=8,<9", "ipykernel>=7,<8", *PACKAGES)
            drivers[PEER], values[PEER] = _driver(running, PEER, python, data, environment), []
            notes.append(f"ipykernel {version_of(python, 'ipykernel')} in an environment of its own.")
        except PeerUnavailableError as error:
            notes.append(f"ipykernel could not be measured: {error}")
        for _ in range(scale.rounds(ROUNDS)):
            for name, driver in drivers.items():
                values[name].append([float(part) for part in driver.ask("go").split()])
    return Table("Code in the sandbox", _rows(values), notes)


def _driver(running: ExitStack, name: str, python: str | None, data: str, code: UserEnvironment) -> Process:
    variables = {"ORCHAT_DATA_DIR": data, "ORCHAT_SANDBOX_ENVIRONMENT": str(code.ready), "IPYTHONDIR": data}
    command = ["-W", "ignore", "-m", "benchmarks.kernel_driver", name]
    driver = running.enter_context(Process(command, environment=variables, python=python or sys.executable))
    driver.line()
    return driver


def _rows(values: Mapping[str, list[list[float]]]) -> list[Row]:
    rows: list[Row] = []
    for measured, (column, unit, factor, bar) in MEASURES.items():
        medians = {name: median(line[column] for line in lines) * factor for name, lines in values.items()}
        if PEER in medians:
            rows.append(Row(measured, PEER, medians[PEER], unit))
        rows.append(Row(measured, OURS, medians[OURS], unit, medians.get(PEER), bar))
    pooled = median(line[POOLED] for line in values[OURS])
    rows.insert(6, Row("plot and table, from the pool", OURS, pooled, "s"))
    return rows
