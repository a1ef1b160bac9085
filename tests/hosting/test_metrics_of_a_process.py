"""Metrics of a hosted process, as a scraper sees them after somebody has had an answer."""

from pathlib import Path

import httpx

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab
from tests.hosting.test_metrics import until
from tests.hosting.test_probes_and_metrics import values

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
