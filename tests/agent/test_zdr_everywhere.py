"""With zero data retention on, every body that leaves asks for it, whichever feature sends it; so with the rules."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from orchat.demo import DemoServer
from orchat.errors import ForbiddenByOperatorError, InvalidRequestError, ZDRConflictError
from orchat.library_helpers import client_of
from orchat.openrouter import ProviderPreferences
from orchat.openrouter.rules import no_rules
from orchat.receipts import receipt_of
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Message, RequestKind
from orchat.turn import Ask
from tests.agent.features import OWNER, bodies, check_all, use_documents, use_every_feature, use_tools


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as server:
        yield server


@pytest.fixture
def start(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Services]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("orchat.services.TOOLS", tmp_path / "no-tools")
    given = {"OPENROUTER_API_KEY": demo.api_key, "OPENROUTER_BASE_URL": demo.base_url, "ORCHAT_DATA_DIR": tmp_path}
    started: list[Services] = []

    def start(**settings: Any) -> Services:
        started.append(Services(Settings(**{**given, **settings})))
        return started[-1]

    yield start
    for services in started:
        services.close()


def test_every_feature_asks_for_it_when_a_person_has_switched_it_on(
    start: Callable[..., Services], demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    services = start()
    runs = use_every_feature(services, zdr=True, monkeypatch=monkeypatch)
    check_all(demo)
    calls = [call for run in runs for call in services.store.calls_of(OWNER, run.turn.conversation_id)]
    assert {call.kind for call in calls} == {"chat", "title", "agent", "summary"}
    assert all(call.zdr for call in calls)
    # Nothing went out that is not in the ledger.
    assert len(bodies(demo)) == len(calls)


DOCUMENTS = {
    "ORCHAT_EMBEDDINGS": "qwen/qwen3-embedding-8b",
    "ORCHAT_RERANKER": "cohere/rerank-v3.5",
    "ORCHAT_SCANS": "demo/fast",
}


@pytest.mark.parametrize("required", [False, True])
def test_every_kind_of_request_that_there_is_asks_for_it(
    start: Callable[..., Services],
    demo: DemoServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    required: bool,
):
    uncovered = {"scan"}
    settings = DOCUMENTS | ({"ORCHAT_REQUIRE_ZDR": "true", "ORCHAT_SCANS": ""} if required else {})
    services = start(**settings, ORCHAT_TOOLS_DIR=str(tmp_path / "own-tools"))
    use_every_feature(services, zdr=not required, monkeypatch=monkeypatch)
    use_tools(services, tmp_path / "own-tools", zdr=not required)
    use_documents(services)
    today = datetime.now(UTC).date()
    calls = list(services.store.every_call(None, today - timedelta(days=1), today))
    # A new kind of request is missing here until one of these uses makes it; then its body is looked at.
    assert {call.kind for call in calls} == set(get_args(RequestKind)) - (uncovered if required else set())
    assert {call.kind for call in calls if not call.zdr} == (set() if required else uncovered)
    without = [body for body, _ in bodies(demo) if not body.get("provider", {}).get("zdr")]
    assert {plugin["id"] for body in without for plugin in body["plugins"]} <= {"file-parser"}
    assert len(without) == sum(not call.zdr for call in calls)
    assert len(bodies(demo)) == len(calls)
    check_all(demo, but=without)


def test_who_may_not_see_it_is_told_with_every_request_about_the_same_words(
    start: Callable[..., Services], demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    provider = ProviderPreferences(sort="price", ignore=("deepinfra",), data_collection="deny")
    runs = use_every_feature(start(), zdr=False, monkeypatch=monkeypatch, provider=provider)
    assert len(bodies(demo)) > len(runs)
    for body, _ in bodies(demo):
        assert body["provider"]["ignore"] == ["deepinfra"]
        assert body["provider"]["data_collection"] == "deny"


def test_where_the_operator_requires_it_nobody_can_leave_it_out(
    start: Callable[..., Services], demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    services = start(ORCHAT_REQUIRE_ZDR="true")
    runs = use_every_feature(services, zdr=False, monkeypatch=monkeypatch)
    for key in (None, "sk-or-v1-a-visitors-own"):
        client = services.connection(key).client
        services.runs.submit(client.complete([{"role": "user", "content": "Hello"}], model="demo/fast")).result(20)
        with pytest.raises(ZDRConflictError):
            services.runs.submit(client.complete([{"role": "user", "content": "?"}], model="demo/fast:online")).result(
                20
            )
    check_all(demo)
    for run in runs:
        assert services.store.message(OWNER, run.turn.message_id).zdr


def test_embeddings_ask_for_it_too(start: Callable[..., Services], demo: DemoServer):
    services = start(ORCHAT_REQUIRE_ZDR="true")
    client = services.connection().client
    services.runs.submit(client.embed(["Hello"], model="qwen/qwen3-embedding-8b")).result(20)
    check_all(demo)


RULES = {
    "ORCHAT_ALLOWED_MODELS": "demo/*, anthropic/*, meta-llama/*",
    "ORCHAT_FORBIDDEN_MODELS": "*opus*, *:free",
    "ORCHAT_FORBIDDEN_PROVIDERS": "amazon-bedrock, openai",
    "ORCHAT_FORBIDDEN_FEATURES": "web_search",
}


def check_rules(demo: DemoServer) -> None:
    assert bodies(demo)
    for body, _ in bodies(demo):
        assert body["provider"]["ignore"] == ["amazon-bedrock", "openai"], body
        if body["model"] == "openrouter/auto":
            [router] = [plugin for plugin in body["plugins"] if plugin["id"] == "auto-router"]
            assert router["allowed_models"] == ["demo/*", "anthropic/*", "meta-llama/*"]
            assert router["excluded_models"] == ["*opus*", "*:free"]
        else:
            assert body["model"].startswith(("demo/", "anthropic/", "meta-llama/"))


def test_every_feature_keeps_to_what_the_operator_forbids(
    start: Callable[..., Services], demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    services = start(**RULES)
    runs = use_every_feature(services, zdr=False, monkeypatch=monkeypatch)
    check_rules(demo)
    calls = [call for run in runs for call in services.store.calls_of(OWNER, run.turn.conversation_id)]
    assert {call.kind for call in calls} == {"chat", "title", "agent", "summary"}
    assert {call.against_rules for call in calls} == {None}


def test_what_is_set_on_the_page_goes_for_the_very_next_request_of_every_feature(
    start: Callable[..., Services], demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    services = start()
    for key in (None, "sk-or-v1-a-visitors-own"):
        services.connection(key)
    services.live.change("ops", "require_zdr", True)
    for variable, value in RULES.items():
        services.live.change("ops", variable.removeprefix("ORCHAT_").lower(), value)
    use_every_feature(services, zdr=False, monkeypatch=monkeypatch)
    check_all(demo)
    check_rules(demo)
    sent = len(bodies(demo))
    for key in (None, "sk-or-v1-a-visitors-own"):
        client = services.connection(key).client
        for call in (
            client.complete([{"role": "user", "content": "?"}], model="openai/gpt-5"),
            client.complete([{"role": "user", "content": "?"}], model="demo/fast:online"),
            client.embed(["?"], model="qwen/qwen3-embedding-8b"),
            client.rerank("?", ["!"], model="cohere/rerank-v3.5"),
        ):
            with pytest.raises(InvalidRequestError):
                services.runs.submit(call).result(20)
    assert len(bodies(demo)) == sent


def test_documents_go_to_no_model_that_is_forbidden(
    start: Callable[..., Services], demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ORCHAT_DEMO", "never")
    services = start(ORCHAT_EMBEDDINGS="qwen/qwen3-embedding-8b", ORCHAT_RERANKER="cohere/rerank-v3.5")
    client = client_of(services.settings, services.live.rules)
    assert client is not None
    with client:
        assert len(client.embed(["a"], model="qwen/qwen3-embedding-8b").vectors) == 1
        services.live.change("ops", "allowed_models", ["anthropic/*"])
        for call in (
            lambda: client.embed(["a"], model="qwen/qwen3-embedding-8b"),
            lambda: client.rerank("a", ["b"], model="cohere/rerank-v3.5"),
        ):
            with pytest.raises(ForbiddenByOperatorError):
                call()


def test_a_receipt_says_that_a_forbidden_provider_has_answered_all_the_same(start: Callable[..., Services]):
    services = start(ORCHAT_FORBIDDEN_PROVIDERS="anthropic, amazon-bedrock, google-vertex")
    bound = services.connection()
    bound.catalogue.current(wait=10)
    # As if OpenRouter had not kept to what it was told.
    unbound = replace(bound, client=bound.client.with_options(rules=no_rules))
    chat = services.store.create_conversation(OWNER).id
    run = services.ask(
        OWNER, services.chats.say(OWNER, chat, "Hello", None), Ask("anthropic/claude-haiku-4.5"), unbound
    )
    assert run.settled.wait(20)
    receipt = receipt_of(services.store, OWNER, services.store.message(OWNER, run.turn.message_id))
    assert receipt is not None
    assert receipt.to_json()["answered_against_the_operators_rules"] == "provider"


def test_a_forbidden_model_is_refused_with_a_card_and_nothing_is_paid(start: Callable[..., Services]):
    services = start(ORCHAT_FORBIDDEN_MODELS="anthropic/*")
    message = answered(services)
    assert message.state == "failed"
    assert message.error is not None
    assert message.error["kind"] == "ForbiddenByOperatorError"
    assert "Whoever runs this orchat" in message.error["advice"]
    assert [call.state for call in services.store.calls_of(OWNER, message.conversation_id)] == []


def answered(services: Services, **choices: Any) -> Message:
    services.connection().catalogue.current(wait=10)
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "Hello there", None)
    run = services.ask(OWNER, question, Ask("anthropic/claude-haiku-4.5", **choices), services.connection())
    assert run.settled.wait(20)
    return services.store.message(OWNER, run.turn.message_id)


def test_a_receipt_says_what_was_asked_for_who_answered_and_what_left(start: Callable[..., Services]):
    services = start()
    message = answered(services, zdr=True)
    receipt = receipt_of(services.store, OWNER, message)
    assert receipt is not None
    said = receipt.to_json()
    assert (said["model_asked"], said["provider"]) == ("anthropic/claude-haiku-4.5", message.provider)
    assert said["generation_id"] == message.generation_id
    assert said["privacy"] == {
        "zero_data_retention_asked": True,
        "data_collection_asked": "deny",
        "endpoint_listed_with_zero_data_retention": True,
    }
    left = said["left_the_machine"]
    assert (left["messages"], left["characters"]) == (1, len("Hello there"))
    assert left["conversation_id_as_session"] is True
    assert "Hello" not in str(said)


def test_a_receipt_without_zero_data_retention_says_that_too(start: Callable[..., Services]):
    services = start()
    receipt = receipt_of(services.store, OWNER, answered(services))
    assert receipt is not None
    privacy = receipt.to_json()["privacy"]
    assert privacy["zero_data_retention_asked"] is False
    assert privacy["data_collection_asked"] is None
    assert privacy["endpoint_listed_with_zero_data_retention"] in (True, False)
