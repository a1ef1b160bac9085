"""The benchmarks' code runs; nothing is timed here."""

import math
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import cold_start, load, long_answer, model_picker, peer_environment, reruns, stream_cpu
from benchmarks.peer_environment import PeerUnavailableError
from benchmarks.report import Bar, Row, Table, page
from benchmarks.rounds import medians
from benchmarks.scale import Scale

TINY = Scale(tiny=True)
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the CPU of a server from /proc")
needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")


def subjects(table: Table) -> set[str]:
    assert all(row.value is not None and row.value >= 0 for row in table.rows)
    return {row.subject for row in table.rows}


def absent(requirement: str) -> str:
    raise PeerUnavailableError(f"{requirement} is not for tests")


def test_every_client_streams_all_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stream_cpu, "python_with", absent)
    table = stream_cpu.measure(TINY)
    assert subjects(table) == set(stream_cpu.CLIENTS)
    assert "is not for tests" in table.notes[-1]


def test_an_environment_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(peer_environment, "ROOT", tmp_path)
    with pytest.raises(PeerUnavailableError, match="ended with status"):
        peer_environment.python_with("no such requirement>=1")


@linux
def test_the_scripts_rerun_over_a_websocket():
    assert subjects(reruns.measure(TINY)) == {reruns.EMPTY, reruns.FROZEN, reruns.CHAT}


@linux
def test_many_people_stream_at_once():
    table = load.measure(TINY)
    assert subjects(table) == {load.OURS, load.NAIVE}
    assert [row.value for row in table.rows if row.measure == "tokens that came"] == [100, 100]


@linux
@pytest.mark.browser
@needs_chromium
def test_both_pages_show_a_long_answer():
    table = long_answer.measure(TINY)
    assert subjects(table) == {long_answer.OURS, long_answer.NAIVE}
    assert [row.note for row in table.rows if row.note] == []


@linux
@pytest.mark.browser
@needs_chromium
def test_the_pages_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cold_start, "compile_everything", lambda: None)
    assert subjects(cold_start.measure(TINY)) == set(cold_start.SUBJECTS)


def test_the_chat_page_loads_no_langchain():
    assert cold_start.loaded_heavy_modules() == []


@pytest.mark.browser
@needs_chromium
def test_the_model_picker_opens():
    assert subjects(model_picker.measure(TINY)) == {"orchat", "orchat, first opening"}


def test_subjects_take_turns():
    order: list[str] = []
    values = iter([3.0, 30.0, 1.0, 10.0, 2.0, 20.0])

    def reading(name: str) -> float:
        order.append(name)
        return next(values)

    assert medians(3, {"a": lambda: reading("a"), "b": lambda: reading("b")}) == {"a": 2.0, "b": 20.0}
    assert order == ["a", "b"] * 3


@pytest.mark.parametrize(
    ("value", "peer", "bar", "missed"),
    [
        (0.8, None, Bar(most=0.8), False),
        (0.9, None, Bar(most=0.8), True),
        (9.0, None, Bar(least=10, most=17), True),
        (29.0, 20.0, Bar(most=1.5, relative=True), False),
        (31.0, 20.0, Bar(most=1.5, relative=True), True),
        (None, 20.0, Bar(most=1.5, relative=True), True),
        (math.inf, None, None, False),
    ],
)
def test_a_bar_is_met_or_missed(value: float | None, peer: float | None, bar: Bar | None, missed: bool):
    assert Row("time", "orchat", value, "s", peer, bar).missed is missed


def test_a_table_is_the_same_on_the_terminal_and_on_the_page():
    table = Table(
        "Start", [Row("time", "peer", 2.0, "s"), Row("time", "orchat", 2.5, "s", 2.0, Bar(most=1.5, relative=True))]
    )
    words = [word for word in table.text().split() if word.strip("─")]
    assert words == table.markdown().replace("|", " ").replace("---", " ").replace("##", " ").split()
    assert table.markdown() in page([table])
