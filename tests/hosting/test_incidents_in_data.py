"""What has happened to others with what they had stored or imported, or were to pay for, tried here.

Each test names the incident; the comment says what went wrong there. Others are in test_incidents.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.page_client import Tab
from orchat.agent.ask import AgentAsk
from orchat.archive import as_html, as_json, as_markdown, import_file
from orchat.demo import DemoServer
from orchat.events import TextDelta
from orchat.runs import Run
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Message, Store
from orchat.turn import Ask
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.listener import Listener
from tests.hosting.conftest import HOSTED

TURNS = 50


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def test_cve_2026_22219_an_address_in_a_stored_message_is_never_fetched(
    demo: DemoServer, listener: Listener, tmp_path: Path
):
    # Chainlit: the server fetched the address of an element, wherever it led.
    url = f"{listener.url}/latest/meta-data"
    part = {"type": "image_url", "image_url": {"url": url}}
    reference = {"kind": "image", "name": "x", "mime": "image/png", "size": 1, "sha256": url, "url": url, "path": url}
    with AppProcess(demo, tmp_path, entry=HOSTED) as app, app.store as store:
        for kind in ("chat", "agent"):
            chat = store.create_conversation(OWNER, kind=kind).id
            content = [{"type": "text", "text": f"Look: ![x]({url}) {url}"}, part]
            asked = store.add_message(
                OWNER, chat, role="user", wire={"content": content}, parent_id=None, details={"attached": [reference]}
            )
            answer = {"content": f"![x]({url})", "images": [part], "annotations": [{"url_citation": {"url": url}}]}
            above = store.add_message(OWNER, chat, role="assistant", wire=answer, parent_id=asked.id, state="done")
            wire = {"tool_call_id": "1", "name": "x", "content": url}
            made = {"title": "x", "artifacts": [reference], "arguments": {"url": url}}
            if kind == "agent":
                store.add_message(OWNER, chat, role="tool", wire=wire, parent_id=above.id, state="done", details=made)
            with Tab(app.port, query=f"chat={chat}", page="agent" if kind == "agent" else "") as tab:
                tab.rerun()
            chats = [store.conversation(OWNER, chat)]
            data = as_json(store, OWNER, chats).encode()
            assert as_markdown(store, OWNER, chats)
            assert as_html(store, OWNER, chats)
            import_file(store, OWNER, data)
    assert listener.asked == []


def test_cve_2026_44562_an_import_overwrites_nothing_of_anybody(store: Store):
    # Open WebUI: ids in an imported file were those of other people's objects, which it overwrote.
    theirs = store.create_conversation("bob").id
    store.rename("bob", theirs, "Theirs")
    inside = store.add_message("bob", theirs, role="user", wire={"content": "secret"}, parent_id=None)
    data = json.loads(as_json(store, "bob", [store.conversation("bob", theirs)]))
    [chat] = data["conversations"]
    chat |= {"id": theirs, "owner": "bob", "title": "Mine now"}
    chat["messages"][0] |= {"id": inside.id, "owner": "bob", "conversation_id": theirs}
    chat["messages"][0]["message"]["content"] = "overwritten"
    chat["leaf"] = inside.id
    [mine] = import_file(store, "eve", json.dumps(data).encode())
    assert mine != theirs
    assert store.conversation("bob", theirs).title == "Theirs"
    assert [message.text for message in store.branch("bob", theirs)] == ["secret"]
    assert [message.text for message in store.branch("eve", mine)] == ["overwritten"]
    assert inside.id not in {message.id for message in store.branch("eve", mine)}


def test_ghsa_724j_f2pf_phf7_fifty_answers_that_were_stopped_are_paid_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # llmgateway: a request that was aborted counted as free.
    monkeypatch.chdir(tmp_path)
    with DemoServer(speed=20, credits=1000.0) as demo:
        monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
        monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
        services = Services(Settings(ORCHAT_DATA_DIR=tmp_path, ORCHAT_TITLE_MODEL="none"))
        try:
            runs = []
            for _ in range(TURNS):
                chat = services.store.create_conversation("ann").id
                question = services.chats.say("ann", chat, "Go on for long", None)
                runs.append(services.ask("ann", question, Ask("demo/long"), services.connection()))
            for run in runs:
                next(batch for batch in run.follow() if any(isinstance(event, TextDelta) for event in batch))
                run.stop()
            assert all(run.settled.wait(60) for run in runs)
            services.runs.submit(services.settle_leftovers()).result(60)
            today = datetime.now(UTC).date()
            spent = services.store.spending("ann", today - timedelta(days=1), today)
            services.store.set_user_limits("ann", "5/day")
            [budget] = services.store.budget_states("ann")
        finally:
            services.close()
        assert {run.state for run in runs} == {"stopped"}
        entered = sum((part.cost for part in spent), Decimal(0))
        assert entered == pytest.approx(Decimal(str(demo._state.account.used)), abs=Decimal("1e-9"))
        assert entered > 0
        assert budget.spent == entered


def test_cve_2026_44555_a_forbidden_model_is_reached_by_no_way_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Open WebUI: who may not use a model got at it through another one that was built on it.
    monkeypatch.chdir(tmp_path)
    forbidden = "anthropic/claude-opus-4.6"
    with DemoServer(speed=0) as demo:
        monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
        monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
        settings = {"ORCHAT_DATA_DIR": tmp_path, "ORCHAT_FORBIDDEN_MODELS": "anthropic/claude-opus*"}
        services = Services(Settings(**settings, ORCHAT_TITLE_MODEL=forbidden))
        try:
            connection = services.connection()
            chat = services.store.create_conversation("eve").id

            def question() -> Message:
                return services.chats.say("eve", chat, "Hello", None)

            plain = Ask("openai/gpt-4.1")
            ways: list[Callable[[], Run | tuple[Run, ...]]] = [
                lambda: services.ask("eve", question(), Ask(forbidden), connection),
                lambda: services.ask("eve", question(), Ask(f"{forbidden}:nitro"), connection),
                lambda: services.ask("eve", question(), replace(plain, parameters={"models": [forbidden]}), connection),
                lambda: services.ask("eve", question(), Ask(auto=True), connection),
                lambda: services.ask_several("eve", question(), [plain, Ask(forbidden)], connection),
                lambda: services.ask_agent("eve", question(), AgentAsk(forbidden), connection),
                # With it comes the title, whose model is the forbidden one.
                lambda: services.ask("eve", question(), plain, connection),
            ]
            for way in ways:
                begun = way()
                for run in begun if isinstance(begun, tuple) else (begun,):
                    assert run.settled.wait(60)
            answered = [message.model_answered for message in services.store.all_messages("eve", chat)]
        finally:
            services.close()
        bodies = [request.body for request in demo.requests if request.body]
    assert any(model for model in answered)
    assert not [model for model in answered if model and "opus" in model]
    assert not [body for body in bodies if "opus" in str(body.get("model")) or "opus" in str(body.get("models"))]
