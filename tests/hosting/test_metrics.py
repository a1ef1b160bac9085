"""Metrics against what really goes on: tabs, queued answers, interpreters, and every request that costs something."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from orchat.agent.cells import RUN_PYTHON
from orchat.demo import DemoServer
from orchat.hosting.metrics import Metrics
from orchat.sandbox import available
from orchat.services import Services
from orchat.store import Call
from orchat.turn import Ask
from tests import waiting
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab
from tests.hosting.test_probes_and_metrics import values

OWNER = "ann"


@pytest.fixture
def metrics(services: Services) -> Metrics:
    metrics = Metrics(lambda: 0)
    metrics.watch(services)
    return metrics


def counted(metrics: Metrics) -> dict[tuple[str, str], float]:
    return values(metrics.text().decode())


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    waiting.until(condition, seconds)


def calls(services: Services) -> list[Call]:
    return [call for chat in services.store.conversations(OWNER) for call in services.store.calls_of(OWNER, chat.id)]


def test_an_open_tab_is_counted_until_it_is_closed(demo: DemoServer, tmp_path: Path):
    with AppProcess(demo, tmp_path, entry=HOSTED) as app, httpx.Client(base_url=app.url) as http:

        def open_tabs() -> float:
            return values(http.get("/metrics").text)["orchat_sessions", ""]

        assert open_tabs() == 0
        with Tab(app.url) as tab:
            assert "starter-0" in tab.draw()
            assert open_tabs() == 1
            with Tab(app.url):
                until(lambda: open_tabs() == 2)
        until(lambda: open_tabs() == 0)


def test_an_answer_that_waits_for_its_turn_is_counted_in_a_hosted_process(tmp_path: Path):
    settings = {"ORCHAT_RUNS_AT_ONCE": "1", "ORCHAT_DEFAULT_MODEL": "demo/silent", "ORCHAT_TITLE_MODEL": "none"}
    with (
        DemoServer() as slow,
        AppProcess(slow, tmp_path, entry=HOSTED, **settings) as app,
        httpx.Client(base_url=app.url) as http,
        Tab(app.url) as first,
        Tab(app.url) as second,
    ):

        def now() -> tuple[float, float]:
            seen = values(http.get("/metrics").text)
            return seen["orchat_runs_active", ""], seen["orchat_runs_waiting", ""]

        first.draw()
        second.draw()
        first.say_until("One", "stop")
        until(lambda: now() == (1, 0))
        second.say_until("Two", "stop")
        until(lambda: now() == (1, 1))


def test_an_interpreter_is_counted_while_it_lives_and_asking_starts_none(services: Services, metrics: Metrics):
    if (report := available(services.settings)).chosen is None:
        pytest.skip(f"nothing here isolates code: {report.reason}")
    assert counted(metrics)["orchat_kernels", ""] == 0
    assert "interpreters" not in vars(services._workshop)
    chat = services.store.create_conversation(OWNER, kind="agent").id
    call = services.call_tool(OWNER, chat, RUN_PYTHON, {"code": "print(6 * 7)"}, services.connection())
    assert call.finished.wait(60)
    assert "42" in call.text
    assert counted(metrics)["orchat_kernels", ""] == 1
    services.interpreters().forget([chat])
    assert counted(metrics)["orchat_kernels", ""] == 0


def test_titles_cost_too_and_are_counted_apart_from_answers(services: Services, metrics: Metrics):
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "Hello", None)
    assert services.ask(OWNER, question, Ask("demo/fast"), services.connection()).settled.wait(20)
    until(lambda: all(call.state == "done" for call in calls(services)))
    entered = {call.kind: call for call in calls(services)}
    assert set(entered) == {"chat", "title"}
    seen = counted(metrics)
    for kind, call in entered.items():
        assert call.cost
        assert seen["orchat_cost_usd_total", kind] == pytest.approx(float(call.cost))
        assert seen["orchat_tokens_total", f"prompt {kind}"] == call.prompt_tokens
        assert seen["orchat_tokens_total", f"completion {kind}"] == call.completion_tokens


def test_a_cost_that_is_looked_up_later_is_counted_once(services: Services, metrics: Metrics):
    store = services.store
    call = store.open_call(OWNER, kind="embedding")
    store.update_call(OWNER, call.id, state="stopped", generation_id="gen-1", prompt_tokens=7)
    for _ in range(2):
        store.settle_call(call, cost=Decimal("0.5"), prompt_tokens=7)
    store.update_call(OWNER, call.id, cost=Decimal("0.5"))
    seen = counted(metrics)
    assert seen["orchat_cost_usd_total", "embedding"] == 0.5
    assert seen["orchat_tokens_total", "prompt embedding"] == 7


def test_what_is_simulated_has_tokens_and_costs_nothing(services: Services, metrics: Metrics):
    store = services.store
    call = store.open_call(OWNER, kind="chat", simulated=True)
    store.update_call(OWNER, call.id, state="done", cost=Decimal(1), completion_tokens=3)
    seen = counted(metrics)
    assert seen["orchat_tokens_total", "completion chat"] == 3
    assert ("orchat_cost_usd_total", "chat") not in seen
