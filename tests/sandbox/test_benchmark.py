"""The benchmark's code runs; nothing is timed here."""

import pytest

from benchmarks import sandbox
from benchmarks.peer_environment import PeerUnavailableError
from benchmarks.scale import Scale
from orchat.sandbox import available
from orchat.sandbox.environment import UserEnvironment
from orchat.settings import Settings


def absent(*requirements: str) -> str:
    raise PeerUnavailableError(f"{requirements[0]} is not for tests")


def test_the_sandbox_is_measured(packages: UserEnvironment, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox, "python_with", absent)
    monkeypatch.setattr(sandbox, "available", lambda: available(settings))
    table = sandbox.measure(Scale(tiny=True), packages)
    assert {row.subject for row in table.rows} == {sandbox.OURS}
    assert len(table.rows) == 6
    assert all(row.value is not None and row.value > 0 for row in table.rows)
    assert "is not for tests" in table.notes[-1]
