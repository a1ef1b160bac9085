"""Metrics of a hosted process, as a scraper sees them after somebody has had an answer."""

import re
from pathlib import Path

import httpx

from orchat.demo import DemoServer
from orchat.hosting.metrics import Metrics
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab
from tests.hosting.test_metrics import until
from tests.hosting.test_probes_and_metrics import values
from tests.house.test_hosting_page import PAGE

MODEL = {"ORCHAT_DEFAULT_MODEL": "demo/fast", "ORCHAT_TITLE_MODEL": "none"}


def scraped(app: AppProcess) -> dict[tuple[str, str], float]:
    return values(httpx.get(f"{app.url}/metrics").text)


def ask(app: AppProcess) -> None:
    with Tab(app.url) as tab:
        tab.draw()
        tab.say("Hello")


def test_a_database_that_is_away_at_the_start_and_comes_back_leaves_nothing_uncounted(demo: DemoServer, tmp_path: Path):
    (tmp_path / "data").write_text("in the place of the data folder")
    with AppProcess(demo, tmp_path, entry=HOSTED, **MODEL) as app:
        assert "orchat cannot start yet" in app.said()
        assert ("orchat_runs_total", "done") not in scraped(app)
        (tmp_path / "data").unlink()
        # A visitor starts what could not start, and no probe has asked before.
        ask(app)
        until(lambda: scraped(app).get(("orchat_runs_total", "done")) == 1)


def test_an_answer_is_in_what_is_scraped_and_so_is_the_process(hosted: AppProcess):
    before = scraped(hosted)
    with Tab(hosted.url) as tab:
        tab.draw()
        tab.say("Hello")
        # The last that an answer is counted in.
        until(lambda: scraped(hosted)["orchat_first_token_seconds_count", ""])
        now = scraped(hosted)
        assert now["orchat_sessions", ""] == 1
    assert ("orchat_runs_total", "done") not in before
    assert now["orchat_run_seconds_count", ""] == now["orchat_first_token_seconds_count", ""] == 1
    assert now["orchat_run_seconds_sum", ""] >= now["orchat_first_token_seconds_sum", ""] > 0
    assert now["orchat_tokens_total", "completion chat"] > 0
    assert now["orchat_cost_usd_total", "chat"] > 0
    assert now["orchat_unpriced_answers_total", ""] == 0
    assert now["orchat_runs_active", ""] == now["orchat_runs_waiting", ""] == 0
    for name in ("cpu_seconds_total", "resident_memory_bytes", "open_fds"):
        assert now[f"process_{name}", ""] > 0


def test_an_answer_that_failed_is_counted_with_its_error_and_without_a_cost(demo: DemoServer, tmp_path: Path):
    with AppProcess(demo, tmp_path, entry=HOSTED, **MODEL | {"ORCHAT_DEFAULT_MODEL": "demo/overloaded"}) as app:
        ask(app)
        until(lambda: scraped(app)["orchat_unpriced_answers_total", ""] == 1)
        now = scraped(app)
    assert now["orchat_runs_total", "failed"] == now["orchat_run_seconds_count", ""] == 1
    assert {name: value for name, value in now.items() if name[0] == "orchat_errors_total"} == {
        ("orchat_errors_total", "ProviderOverloadedError"): 1
    }
    assert now["orchat_first_token_seconds_count", ""] == 0


def named(cell: str) -> list[str]:
    return re.findall(r"`(\w+)", cell)


def test_the_page_on_hosting_names_the_metrics_that_there_are_and_their_labels():
    rows = re.findall(r"^\| (`(?:orchat|process)_[^|]+) \|([^|]*)\|", PAGE, re.MULTILINE)
    said = {name: named(labels) for names, labels in rows for name in named(names)}
    metrics = Metrics(lambda: 0)
    there = dict[str, list[str]]()
    for family in metrics.registry.collect():
        # Those of the process are the client library's own, and many.
        name = "process_" if family.name.startswith("process_") else family.name
        there[f"{name}_total" if family.type == "counter" and name != "process_" else name] = []
    # Where a sample has labels, its family has none before somebody has been counted.
    labelled = [part for part in vars(metrics).values() if getattr(part, "_labelnames", ())]
    there |= {f"{part._name}_total": list(part._labelnames) for part in labelled}
    assert said == there
