"""Readiness, and metrics that only the operator reads."""

import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse

from orchat.demo import DemoServer
from orchat.errors import StoreError
from orchat.hosting.app import Hosting
from orchat.hosting.private import PRIVATE, PrivatePaths
from orchat.services import Services
from orchat.turn import Ask
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED

OWNER = "ann"


def ask(services: Services, model: str) -> None:
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "Hello", None)
    run = services.ask(OWNER, question, Ask(model), services.connection())
    assert run.settled.wait(20)


def values(text: str) -> dict[tuple[str, str], float]:
    """Every sample by its name and its labels' values."""
    families = text_string_to_metric_families(text)
    return {(s.name, " ".join(s.labels.values())): s.value for family in families for s in family.samples}


def hosting(services: Services) -> Hosting:
    return Hosting(services.settings, lambda: services, lambda: None, "")


def test_answers_tokens_cost_and_errors_are_counted(services: Services):
    metrics = hosting(services).metrics
    metrics.watch(services)
    ask(services, "demo/fast")
    ask(services, "demo/overloaded")
    deadline = time.monotonic() + 10
    while ("orchat_runs_total", "failed") not in (counted := values(metrics.text().decode())):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    answers = [m for chat in services.store.conversations(OWNER) for m in services.store.branch(OWNER, chat.id)]
    [answer] = [m for m in answers if m.state == "done" and m.role == "assistant"]
    [failed] = [m for m in answers if m.state == "failed"]
    assert counted["orchat_runs_total", "done"] == counted["orchat_runs_total", "failed"] == 1
    assert answer.cost
    assert counted["orchat_cost_usd_total", "chat"] == pytest.approx(float(answer.cost))
    assert counted["orchat_tokens_total", "completion chat"] == answer.completion_tokens
    assert failed.error
    assert counted["orchat_errors_total", failed.error["kind"]] == 1
    assert counted["orchat_first_token_seconds_count", ""] == 1
    assert counted["orchat_runs_active", ""] == 0


def test_metrics_hold_no_word_of_anybodys(services: Services):
    metrics = hosting(services).metrics
    metrics.watch(services)
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "My hovercraft is full of eels", None)
    assert services.ask(OWNER, question, Ask("demo/fast"), services.connection()).settled.wait(20)
    assert "hovercraft" not in metrics.text().decode()
    assert OWNER not in metrics.text().decode()


def test_ready_while_the_database_answers(http: httpx.Client):
    response = http.get("/ready")
    assert (response.status_code, response.json()) == (200, {"ready": True})


def test_not_ready_while_the_database_does_not_answer(services: Services):
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    def broken() -> Services:
        raise StoreError("The database failed: secret host unreachable")

    with TestClient(Starlette(routes=Hosting(services.settings, broken, lambda: None, "").routes())) as client:
        response = client.get("/ready")
    assert (response.status_code, response.json()) == (503, {"ready": False, "why": "StoreError"})


def test_this_machine_reads_the_metrics(http: httpx.Client):
    metrics = values(http.get("/metrics").text)
    assert metrics["orchat_sessions", ""] == 0


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics", "/_stcore/agent/openapi.json"])
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_nobody_reads_them_through_a_proxy(http: httpx.Client, path: str, header: str):
    assert http.get(path, headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("base", ["", "/chat", "/team/chat"])
@pytest.mark.parametrize("path", [*PRIVATE, "/_stcore/agent/openapi.json"])
async def test_they_are_hidden_below_a_base_path_too(base: str, path: str):
    transport = httpx.ASGITransport(PrivatePaths(PlainTextResponse("secret"), None))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
        assert (await asking.get(base + path)).text == "secret"
        assert (await asking.get(base + path, headers={"Via": "1.1 proxy"})).status_code == 404
        assert (await asking.get(f"{base}/usage", headers={"Via": "1.1 proxy"})).text == "secret"


def test_with_a_token_only_who_has_it_reads_them(demo: DemoServer, tmp_path: Path):
    with AppProcess(demo, tmp_path, entry=HOSTED, ORCHAT_METRICS_TOKEN="t0ken") as app:
        url = f"{app.url}/metrics"
        assert httpx.get(url).status_code == 404
        assert httpx.get(url, headers={"Authorization": "Bearer wrong"}).status_code == 404
        assert httpx.get(url, headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_a_setting_that_cannot_be_used_ends_the_start_with_its_name(demo: DemoServer, tmp_path: Path):
    with pytest.raises(AssertionError, match="ORCHAT_LOG_LEVEL"):
        AppProcess(demo, tmp_path, entry=HOSTED, ORCHAT_LOG_LEVEL="LOUD").start()
