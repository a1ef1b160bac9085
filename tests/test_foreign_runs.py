"""An answer on its way is its owner's: nobody else finds, follows or stops it, whatever id they say."""

from collections.abc import Iterator

import pytest

from orchat.runs import Runs
from tests.test_runs import Script


@pytest.fixture
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


def test_cve_2026_31950_a_stream_is_found_and_stopped_by_its_owner_only(runs: Runs):
    # LibreChat: the stream of another was read by its id.
    run = runs.start(Script("one", silent=True))
    assert runs.find("o", "c") is run
    for owner in ("eve", "", "O", "o|c"):
        for known in ("c", "m", run.turn.message_id):
            assert runs.find(owner, known) is None
            assert runs.together(owner, known) == ()
            assert not runs.is_active(owner, known)
        runs.stop_all_of(owner)
        runs.forget(owner, "c")
    assert run.active
    assert not run.stop_requested
    assert runs.find("o", "c") is run
    runs.stop_all_of("o")
    assert run.finished.wait(10)
    assert run.state == "stopped"
