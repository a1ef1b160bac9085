"""Whether code can be run here: found out in the background, and never without isolation on an open network."""

import time
from pathlib import Path

import pytest

from orchat.agent.availability import Availability
from orchat.errors import SandboxUnavailableError
from orchat.settings import Settings


def of(folder: Path, backend: str, *, loopback_only: bool = True) -> Availability:
    return Availability(Settings(ORCHAT_DATA_DIR=folder, ORCHAT_SANDBOX=backend), loopback_only=loopback_only)


def test_what_is_switched_off_is_known_at_once_and_starts_nothing(tmp_path: Path):
    off = of(tmp_path, "off")
    report = off.known()
    assert report is not None
    assert "switched off" in report.reason
    with pytest.raises(SandboxUnavailableError, match="switched off"):
        off.engine()


def test_nothing_is_run_without_isolation_where_others_reach_the_page(tmp_path: Path):
    exposed = of(tmp_path, "unsafe", loopback_only=False)
    with pytest.raises(SandboxUnavailableError, match="listens on more than this machine"):
        exposed.engine()
    report = exposed.known()
    assert report is not None
    assert report.chosen is None
    assert of(tmp_path, "unsafe").engine().backend.name == "unsafe"


def test_a_backend_is_tried_in_the_background(tmp_path: Path):
    auto = of(tmp_path, "auto")
    deadline = time.monotonic() + 60
    while (report := auto.known()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (report.chosen is None) == bool(report.reason)
    assert auto.report() is report
