"""Traces: turns, requests and tool calls with their times and numbers, and nobody's words."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from orchat import tracing
from orchat.agent.ask import AgentAsk
from orchat.demo import DemoServer
from orchat.events import TextDelta
from orchat.runs import Run
from orchat.services import Services
from orchat.settings import Settings
from orchat.turn import Ask

OWNER = "ann@example.com"
SECRET = "do-not-tell"
Traced = Callable[[], dict[str, ReadableSpan]]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr(tracing, "_tracer", None)
    monkeypatch.chdir(tmp_path)
    with DemoServer(speed=20) as demo:
        monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
        monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
        services = Services(Settings(ORCHAT_DATA_DIR=tmp_path, ORCHAT_TITLE_MODEL="none", ORCHAT_SANDBOX="off"))
        yield services
        services.close()


@pytest.fixture
def traced(services: Services) -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    provider = tracing.export(exporter)

    def traced() -> dict[str, ReadableSpan]:
        provider.force_flush()
        return {span.name: span for span in exporter.get_finished_spans()}

    yield traced
    provider.shutdown()


def asked(services: Services, text: str, *, agent: bool = False, model: str = "demo/script") -> Run:
    chat = services.store.create_conversation(OWNER, kind="agent" if agent else "chat").id
    question = services.chats.say(OWNER, chat, text, None)
    connection = services.connection()
    if agent:
        run = services.ask_agent(OWNER, question, AgentAsk(model=model, tools=("clock",)), connection)
    else:
        run = services.ask(OWNER, question, Ask(model), connection)
    assert run.settled.wait(30)
    return run


def test_a_turn_holds_its_requests_with_models_and_tokens(services: Services, traced: Traced):
    run = asked(services, f"say {SECRET}")
    turn, request = (traced()[name] for name in ("turn", "chat demo/script"))
    assert turn.parent is None
    assert request.parent == turn.context
    assert dict(turn.attributes or {})["gen_ai.conversation.id"] == run.turn.conversation_id
    about = dict(request.attributes or {})
    assert about["gen_ai.request.model"] == "demo/script"
    assert about["gen_ai.response.model"].startswith("demo/script-")
    assert about["gen_ai.usage.input_tokens"] > 0
    assert about["gen_ai.usage.output_tokens"] > 0
    assert request.kind.name == "CLIENT"


def test_a_tool_call_is_a_part_of_its_turn(services: Services, traced: Traced):
    asked(services, "call clock\nsay Done.", agent=True)
    spans = traced()
    call = spans["execute_tool clock"]
    assert dict(call.attributes or {})["gen_ai.tool.name"] == "clock"
    assert call.parent is not None
    assert call.parent.trace_id == spans["turn"].context.trace_id
    assert call.status.is_ok


def test_what_fails_says_the_kind_of_error_and_no_more(services: Services, traced: Traced):
    asked(services, f"anything {SECRET}", model="no/such-model")
    for span in traced().values():
        assert not span.status.is_ok
        assert dict(span.attributes or {})["error.type"].endswith("Error")
        assert not span.events


def test_what_is_stopped_is_no_failure(services: Services, traced: Traced):
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "Go on for long", None)
    run = services.ask(OWNER, question, Ask("demo/long"), services.connection())
    next(batch for batch in run.follow() if any(isinstance(event, TextDelta) for event in batch))
    run.stop()
    assert run.settled.wait(30)
    spans = traced()
    assert {name: dict(span.attributes or {})["orchat.stopped"] for name, span in spans.items()} == {
        "turn": True,
        "chat demo/long": True,
    }
    assert all("error.type" not in (span.attributes or {}) for span in spans.values())


def test_nobodys_words_are_in_them(services: Services, traced: Traced):
    asked(services, f"call clock\nsay {SECRET}", agent=True)
    asked(services, f"say {SECRET}")
    spans = traced()
    assert len(spans) >= 3
    assert SECRET not in "".join(span.to_json() for span in spans.values())
    assert OWNER not in "".join(span.to_json() for span in spans.values())


@pytest.fixture
def collector() -> Iterator[Any]:
    """An OTLP server that keeps what it gets."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Content-Encoding"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    got: list[tuple[str, str | None, bytes]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", got
        server.shutdown()
        thread.join()


def test_with_an_endpoint_they_are_sent_to_it(services: Services, collector: Any, monkeypatch: pytest.MonkeyPatch):
    endpoint, got = collector
    providers = []
    export = tracing.export
    monkeypatch.setattr(tracing, "export", lambda exporter: providers.append(export(exporter)))
    tracing.trace_to(f"{endpoint}/")
    asked(services, f"say {SECRET}")
    providers[0].shutdown()
    [(path, encoding, body)] = got
    assert (path, encoding) == ("/v1/traces", None)
    [resource] = ExportTraceServiceRequest.FromString(body).resource_spans
    assert {spans.name for scope in resource.scope_spans for spans in scope.spans} == {"turn", "chat demo/script"}
    names = {attribute.key: attribute.value.string_value for attribute in resource.resource.attributes}
    assert names["service.name"] == "orchat"
    assert SECRET.encode() not in body


def test_without_one_nothing_is_recorded(services: Services):
    tracing.trace_to(None)
    assert tracing._tracer is None
    assert asked(services, "say Hello").state == "done"


def test_without_opentelemetry_it_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    import sys

    monkeypatch.setattr(tracing, "_tracer", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    tracing.trace_to("http://127.0.0.1:4318")
    assert "requirements-telemetry.txt" in caplog.text
