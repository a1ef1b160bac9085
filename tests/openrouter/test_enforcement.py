"""What the operator forbids leaves in no request, however it is asked for."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from orchat.demo import DemoServer
from orchat.errors import ForbiddenByOperatorError, ZDRConflictError
from orchat.openrouter import AsyncOpenRouterClient, AutoRouter, OpenRouterClient, Routing
from orchat.openrouter.enforcement import governed
from orchat.openrouter.request import Request, chat_request, inference_request
from orchat.openrouter.rules import Rules
from tests.openrouter.chunks import QUESTION

FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}


def sent(rules: Rules, routing: Routing | None = None, **parameters: Any) -> dict[str, Any]:
    model = parameters.pop("model", "maker/model")
    once = governed(chat_request(QUESTION, model=model, routing=routing, parameters=parameters), rules)
    assert governed(once, rules) == once
    assert once.body is not None
    return once.body


@pytest.mark.parametrize(
    "rules, model, allowed",
    [
        (Rules(forbidden_models=("openai/*",)), "openai/gpt-6", False),
        (Rules(forbidden_models=("openai/*",)), "OpenAI/GPT-6:nitro", False),
        (Rules(forbidden_models=("openai/*",)), "~openai/gpt-latest", False),
        (Rules(forbidden_models=("openai/gpt-6",)), "openai/gpt-6:free", False),
        (Rules(forbidden_models=("openai/gpt-6",)), "openai/gpt-6@preset/mine", False),
        (Rules(forbidden_models=("*:free",)), "openai/gpt-6:free", False),
        (Rules(forbidden_models=("*:free",)), "openai/gpt-6", True),
        (Rules(forbidden_models=("*:free",)), "openrouter/free", False),
        (Rules(forbidden_models=("openai/*",)), "openrouter/fusion", False),
        (Rules(forbidden_models=("openrouter/*",)), "openrouter/auto", False),
        (Rules(allowed_models=("anthropic/*",)), "anthropic/claude:exacto", True),
        (Rules(allowed_models=("anthropic/*",)), "openai/gpt-6", False),
        (Rules(allowed_models=("openai/gpt-6",)), "openai/gpt-6:free", False),
        (Rules(allowed_models=("anthropic/*",)), "openrouter/auto", True),
        (Rules(allowed_models=("anthropic/*", "openrouter/free")), "openrouter/free", True),
        (Rules(allowed_models=("*",)), "openrouter/free", False),
        (Rules(allowed_models=("anthropic/*",), forbidden_models=("*opus*",)), "anthropic/claude-opus", False),
    ],
)
def test_a_model_is_asked_only_where_the_rules_let_it_be(rules: Rules, model: str, allowed: bool):
    assert rules.allow_model(model) is allowed
    if not allowed:
        with pytest.raises(ForbiddenByOperatorError):
            sent(rules, model=model)


def test_fallbacks_that_are_forbidden_are_left_out():
    rules = Rules(forbidden_models=("openai/*",))
    assert sent(rules, Routing(fallbacks=("openai/gpt-6", "c/d")))["models"] == ["maker/model", "c/d"]
    assert sent(rules, models=["openai/gpt-6"])["models"] == []


def test_the_auto_router_is_told_what_it_may_not_choose():
    rules = Rules(allowed_models=("anthropic/*", "openai/gpt-6*"), forbidden_models=("*:free",))
    router = AutoRouter(("anthropic/claude-*", "meta/*"), ("*:batch",), cost_tier="high")
    assert sent(rules, Routing(auto=True, auto_router=router))["plugins"] == [
        {
            "id": "auto-router",
            "cost_tier": "high",
            "allowed_models": ["anthropic/claude-*"],
            "excluded_models": ["*:batch", "*:free"],
        }
    ]
    assert sent(rules, Routing(fallbacks=("openrouter/auto",)), model="anthropic/x")["plugins"] == [
        {"id": "auto-router", "allowed_models": ["anthropic/*", "openai/gpt-6*"], "excluded_models": ["*:free"]}
    ]


def test_an_auto_router_that_is_left_nothing_is_not_asked():
    router = AutoRouter(("meta/*",))
    with pytest.raises(ForbiddenByOperatorError, match="auto-router"):
        sent(Rules(allowed_models=("anthropic/*",)), Routing(auto=True, auto_router=router))


@pytest.mark.parametrize(
    "rules, given, provider",
    [
        (Rules(forbidden_providers=("openai",)), None, {"ignore": ["openai"]}),
        (Rules(forbidden_providers=("openai",)), {"ignore": ["azure"]}, {"ignore": ["azure", "openai"]}),
        (
            Rules(forbidden_providers=("openai",)),
            {"only": ["openai", "azure"]},
            {"only": ["azure"], "ignore": ["openai"]},
        ),
        (
            Rules(forbidden_providers=("openai",)),
            {"order": ["openai/eu", "azure"]},
            {"ignore": ["openai"], "order": ["azure"]},
        ),
        (Rules(allowed_providers=("azure", "groq")), {"sort": "price"}, {"sort": "price", "only": ["azure", "groq"]}),
        (Rules(allowed_providers=("google-vertex",)), {"only": ["google-vertex/eu"]}, {"only": ["google-vertex/eu"]}),
        (Rules(allowed_providers=("google-vertex/eu",)), {"only": ["google-vertex"]}, {"only": ["google-vertex/eu"]}),
    ],
)
def test_providers_are_narrowed(rules: Rules, given: Any, provider: dict[str, Any]):
    assert sent(rules, provider=given)["provider"] == provider


def test_a_request_that_no_allowed_provider_could_serve_is_not_sent():
    with pytest.raises(ForbiddenByOperatorError, match="providers"):
        sent(Rules(allowed_providers=("azure",)), provider={"only": ["openai"]})
    with pytest.raises(ForbiddenByOperatorError, match="providers"):
        governed(Request("POST", "/audio/speech", {"model": "a/b"}), Rules(forbidden_providers=("openai",)))


@pytest.mark.parametrize(
    "parameters",
    [
        {"tools": [{"type": "openrouter:web_search"}]},
        {"tools": [{"type": "web_search_preview"}]},
        {"plugins": [{"id": "web"}]},
        {"model": "maker/model:online"},
        {"web_search_options": {"search_context_size": "low"}},
    ],
)
@pytest.mark.parametrize("pattern", ["web_search", "openrouter:web_search", "web*", "*"])
def test_a_feature_is_forbidden_in_all_its_spellings(parameters: dict[str, Any], pattern: str):
    with pytest.raises(ForbiddenByOperatorError, match="web_search"):
        sent(Rules(forbidden_features=(pattern,)), **parameters)
    assert sent(Rules(forbidden_features=("image_generation",)), **parameters)


@pytest.mark.parametrize("path, feature", [("/images", "image_generation"), ("/videos", "video_generation")])
def test_making_images_and_videos_is_forbidden_at_its_own_route_too(path: str, feature: str):
    with pytest.raises(ForbiddenByOperatorError, match=feature):
        governed(Request("POST", path, {"model": "a/b"}), Rules(forbidden_features=(feature,)))


def test_a_forbidden_file_parser_leaves_a_pdf_to_the_model():
    request = chat_request([{"role": "user", "content": [FILE]}], model="a/b")
    body = governed(request, Rules(forbidden_features=("file-parser",))).body
    assert body is not None
    assert body["plugins"] == [{"id": "file-parser", "pdf": {"engine": "native"}}]


@pytest.mark.parametrize(
    "rules", [Rules(forbidden_models=("x/*",)), Rules(forbidden_features=("x",)), Rules(forbidden_providers=("x",))]
)
def test_nobody_can_vouch_for_a_preset(rules: Rules):
    for parameters in ({"model": "@preset/mine"}, {"model": "a/b@preset/mine"}, {"preset": "mine"}):
        with pytest.raises(ForbiddenByOperatorError):
            sent(rules, **parameters)


def test_a_tool_of_this_installation_that_is_forbidden_is_not_described_to_a_model():
    tools = [{"type": "function", "function": {"name": "web_page_read", "parameters": {}}}]
    with pytest.raises(ForbiddenByOperatorError, match="web_page_read"):
        sent(Rules(forbidden_tools=("web_page*",)), tools=tools)


def test_required_zero_data_retention_is_in_the_body_and_refuses_what_it_does_not_cover():
    body = sent(Rules(zdr=True), provider={"zdr": False, "sort": "price"})
    assert body["provider"] == {"zdr": True, "sort": "price", "data_collection": "deny"}
    with pytest.raises(ZDRConflictError):
        sent(Rules(zdr=True), plugins=[{"id": "web"}])
    with pytest.raises(ZDRConflictError):
        governed(Request("POST", "/images", {"model": "a/b"}), Rules(zdr=True))


def test_what_no_model_answers_is_not_governed():
    request = Request("POST", "/auth/keys", {"code": "x"})
    assert governed(request, Rules(zdr=True, allowed_models=("a/*",), allowed_providers=("a",))) == request


CALLS: dict[str, Callable[[Any], Any]] = {
    "stream": lambda client: client.stream(QUESTION, model="openai/gpt-6"),
    "complete": lambda client: client.complete(QUESTION, model="openai/gpt-6"),
    "embed": lambda client: client.embed(["a"], model="openai/text-embedding-3-small"),
    "rerank": lambda client: client.rerank("a", ["b"], model="openai/rerank"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_call_of_both_clients_keeps_to_the_rules(call: Callable[[Any], Any]):
    with DemoServer(speed=0) as demo:
        forbidding = Rules(forbidden_models=("openai/*",))
        rules = [Rules()]
        client = OpenRouterClient(demo.api_key, base_url=demo.base_url, rules=lambda: rules[0])
        rules[0] = forbidding
        with client, pytest.raises(ForbiddenByOperatorError):
            call(client.with_options(api_key="sk-or-v1-other"))

        async def ask() -> None:
            async with AsyncOpenRouterClient(demo.api_key, base_url=demo.base_url, rules=lambda: rules[0]) as shared:
                await call(shared)

        with pytest.raises(ForbiddenByOperatorError):
            asyncio.run(ask())
        assert not demo.requests


def test_a_request_that_was_made_elsewhere_is_looked_at_before_it_leaves():
    with (
        DemoServer(speed=0) as demo,
        OpenRouterClient(
            demo.api_key, base_url=demo.base_url, rules=lambda: Rules(forbidden_models=("openai/*",))
        ) as client,
        pytest.raises(ForbiddenByOperatorError),
    ):
        client._send(inference_request("/route-of-next-year", {"model": "openai/gpt-6"}, Routing()))
    assert not demo.requests
