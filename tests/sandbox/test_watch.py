"""The watch tells of a limit to the cell that went beyond it, and to no later one."""

import os

import pytest

from orchat.sandbox import watch
from orchat.sandbox.limits import Limits
from orchat.sandbox.result import Limit


@pytest.mark.parametrize("begun_meanwhile", [0, 1])
def test_what_was_measured_before_a_cell_began_is_not_told_as_its_doing(
    monkeypatch: pytest.MonkeyPatch, begun_meanwhile: int
):
    breaches = list[tuple[Limit, bool]]()
    session = watch.Watched(os.getpid(), os.getpid(), Limits(), (), (), lambda *breach: breaches.append(breach))

    def excess(session: watch.Watched, pids: list[int]) -> Limit:
        session.cells += begun_meanwhile
        return "disk"

    monkeypatch.setattr(watch, "excess", excess)
    monkeypatch.setattr(watch.processes, "tree", lambda pid: [pid])
    watch.look(session)
    assert breaches == ([] if begun_meanwhile else [("disk", False)])
