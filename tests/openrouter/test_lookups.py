"""Models, endpoints, account, generation, embeddings and rankings: single exchanges, the same through both clients."""

import asyncio
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import respx

from orchat.errors import (
    AuthenticationError,
    InvalidRequestError,
    MalformedResponseError,
    NoEndpointError,
    OpenRouterError,
    PermissionDeniedError,
)
from orchat.openrouter import Account, AsyncOpenRouterClient, OpenRouterClient, RetryPolicy, Routing, Scope

Call = Callable[..., Any]
KEY_DATA = {
    "label": "sk-or-v1-abc...123",
    "limit": 20,
    "limit_remaining": 12.4,
    "limit_reset": "monthly",
    "usage_monthly": 7.6,
}
MANAGEMENT_ONLY = {"error": {"code": 403, "message": "Only management keys can perform this operation"}}


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    """Calls a method of a client with the given options: `call("account", api_key=…)`."""

    def through(method: str, *arguments: Any, options: dict[str, Any] | None = None, **named: Any) -> Any:
        settings = {"api_key": "key", "retry": RetryPolicy(attempts=1), **(options or {})}
        if request.param == "sync":
            with OpenRouterClient(**settings) as client:
                return getattr(client, method)(*arguments, **named)

        async def go() -> Any:
            async with AsyncOpenRouterClient(**settings) as client:
                return await getattr(client, method)(*arguments, **named)

        return asyncio.run(go())

    return through


@pytest.fixture
def openrouter() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url="https://openrouter.ai/api/v1", assert_all_called=False) as router:
        yield router


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for; none of them is waited."""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr("time.sleep", asked.append)
    monkeypatch.setattr("asyncio.sleep", sleep)
    return asked


def test_models_are_read(call: Call, openrouter: respx.MockRouter):
    entry = {
        "id": "anthropic/claude-5",
        "canonical_slug": "anthropic/claude-5-20260901",
        "name": "Anthropic: Claude 5",
        "context_length": 1000,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "pricing": {"prompt": "0.000003", "completion": "0.000015"},
        "supported_parameters": ["tools"],
        "new_field": 1,
    }
    openrouter.get("/models").respond(json={"data": [entry]})
    (model,) = call("models")
    assert (model.maker, model.short_name, model.context_length) == ("Anthropic", "Claude 5", 1000)
    assert (model.prompt_price, model.completion_price) == (Decimal("0.000003"), Decimal("0.000015"))
    assert model.supports("tools")
    assert not model.supports("seed")
    assert model.raw["new_field"] == 1


def test_a_model_of_which_little_is_said_is_read_too(call: Call, openrouter: respx.MockRouter):
    bare = {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}, "context_length": None}
    openrouter.get("/models").respond(json={"data": [{"name": "no id"}, None, bare]})
    (model,) = call("models")
    assert (model.name, model.maker, model.canonical_slug) == ("openrouter/auto", "openrouter", "openrouter/auto")
    assert (model.prompt_price, model.context_length, model.reasoning) == (None, None, None)
    assert model.is_router
    assert not model.free


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, [], "text"])
@pytest.mark.parametrize("path,method", [("/models", "models"), ("/endpoints/zdr", "zdr_endpoints")])
def test_what_is_no_list_is_malformed(call: Call, openrouter: respx.MockRouter, body: Any, path: str, method: str):
    openrouter.get(path).respond(json=body)
    with pytest.raises(MalformedResponseError):
        call(method)


def test_zdr_endpoints_are_read_without_dynamic_suffixes(call: Call, openrouter: respx.MockRouter):
    entry = {"model_id": "a/b:nitro", "provider_name": "Azure", "tag": "azure", "status": 0}
    openrouter.get("/endpoints/zdr").respond(json={"data": [entry, {"provider_name": "nameless"}]})
    (endpoint,) = call("zdr_endpoints")
    assert (endpoint.model_id, endpoint.provider, endpoint.tag) == ("a/b", "Azure", "azure")
    assert endpoint.raw == entry


def test_an_ordinary_key_knows_what_is_left_on_it(call: Call, openrouter: respx.MockRouter):
    openrouter.get("/key").respond(json={"data": KEY_DATA})
    account = call("account")
    assert (account.left, account.limit, account.used_this_month) == (Decimal("12.4"), 20, Decimal("7.6"))
    assert account.meaning == "left on this key, resets monthly"


def test_an_uncapped_key_leaves_the_balance_unknown(call: Call, openrouter: respx.MockRouter):
    openrouter.get("/key").respond(json={"data": {"limit": None, "limit_remaining": None, "usage_monthly": 0}})
    account = call("account")
    assert (account.left, account.meaning) == (None, "unknown")
    assert account.used_this_month == 0


def test_a_management_key_tells_the_balance_and_each_request_has_its_own_key(call: Call, openrouter: respx.MockRouter):
    key = openrouter.get("/key").respond(json={"data": {}})
    credit = openrouter.get("/credits").respond(json={"data": {"total_credits": 100.5, "total_usage": 25.75}})
    account = call("account", options={"management_key": "boss"})
    assert (account.left, account.scope) == (Decimal("74.75"), Scope.BALANCE)
    assert key.calls.last.request.headers["authorization"] == "Bearer key"
    assert credit.calls.last.request.headers["authorization"] == "Bearer boss"


def test_zero_of_zero_credits_is_unknown_and_not_broke(call: Call, openrouter: respx.MockRouter):
    openrouter.get("/key").respond(json={"data": {"label": "k"}})
    openrouter.get("/credits").respond(json={"data": {"total_credits": 0, "total_usage": 0}})
    assert call("account", options={"management_key": "boss"}).scope is Scope.UNKNOWN


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_management_key_that_fails_hides_nothing_that_the_api_key_knows(
    call: Call, openrouter: respx.MockRouter, status: int
):
    openrouter.get("/key").respond(json={"data": KEY_DATA})
    openrouter.get("/credits").respond(status, json=MANAGEMENT_ONLY)
    assert call("account", options={"management_key": "boss"}).scope is Scope.KEY


def test_a_management_key_that_fails_is_told_where_it_is_the_only_one(call: Call, openrouter: respx.MockRouter):
    openrouter.get("/credits").respond(403, json=MANAGEMENT_ONLY)
    with pytest.raises(PermissionDeniedError, match="management"):
        call("account", options={"api_key": None, "management_key": "boss"})


def test_a_bad_api_key_is_told(call: Call, openrouter: respx.MockRouter):
    openrouter.get("/key").respond(401, json={"error": {"code": 401, "message": "User not found."}})
    with pytest.raises(AuthenticationError, match="User not found"):
        call("account")


def test_without_any_key_nothing_is_known_and_nothing_asked(call: Call, openrouter: respx.MockRouter):
    assert call("account", options={"api_key": None}).scope is Scope.UNKNOWN
    assert not openrouter.calls


def test_of_several_numbers_the_one_that_stops_first_is_shown():
    budget = {"remaining_usd": 2, "limit_usd": 5, "reset_interval": "daily"}
    key = {"data": {**KEY_DATA, "effective_budget": budget, "free_model_daily_requests": {"remaining": 997}}}
    account = Account.from_wire(key, {"data": {"total_credits": 10, "total_usage": 4}})
    assert (account.left, account.meaning) == (2, "left in the budget, resets daily")
    assert account.free_requests_left == 997


NOT_FOUND = {"error": {"code": 404, "message": "Generation gen-1 not found"}}
FOUND = {
    "data": {
        "id": "gen-1",
        "model": "openai/gpt-6",
        "provider_name": "OpenAI",
        "total_cost": 0.0015,
        "upstream_inference_cost": None,
        "is_byok": False,
        "native_tokens_prompt": 10,
        "native_tokens_completion": 25,
        "native_tokens_reasoning": 5,
        "cancelled": True,
    }
}


def test_a_generation_is_asked_for_again_until_openrouter_knows_it(
    call: Call, openrouter: respx.MockRouter, waits: list[float]
):
    route = openrouter.get("/generation", params={"id": "gen-1"})
    route.side_effect = [respx.MockResponse(404, json=NOT_FOUND)] * 2 + [respx.MockResponse(200, json=FOUND)]
    generation = call("generation", "gen-1")
    assert (generation.cost, generation.provider, generation.cancelled) == (Decimal("0.0015"), "OpenAI", True)
    assert (generation.prompt_tokens, generation.completion_tokens, generation.reasoning_tokens) == (10, 25, 5)
    assert waits == [0.5, 1.0]


def test_a_generation_that_stays_unknown_is_given_up(call: Call, openrouter: respx.MockRouter, waits: list[float]):
    openrouter.get("/generation").respond(404, json=NOT_FOUND)
    with pytest.raises(NoEndpointError, match="not found"):
        call("generation", "gen-1")
    assert 5 < sum(waits) < 15


def test_another_failure_of_a_look_up_is_told_at_once(call: Call, openrouter: respx.MockRouter, waits: list[float]):
    openrouter.get("/generation").respond(401, json={"error": {"message": "No."}})
    with pytest.raises(AuthenticationError):
        call("generation", "gen-1")
    assert waits == []


def test_with_an_own_provider_key_the_providers_bill_is_part_of_the_cost(call: Call, openrouter: respx.MockRouter):
    own = {"id": "gen-1", "total_cost": 0.0001, "upstream_inference_cost": 0.002, "is_byok": True}
    openrouter.get("/generation").respond(json={"data": own})
    assert call("generation", "gen-1").cost == Decimal("0.0021")


def test_embeddings_come_in_the_order_of_the_texts(call: Call, openrouter: respx.MockRouter):
    rows = [{"index": 1, "embedding": [1.0]}, {"index": 0, "embedding": [0.0]}]
    openrouter.post("/embeddings").respond(json={"data": rows, "model": "a/e", "usage": {"cost": 0.5}})
    embeddings = call("embed", ["a", "b"], model="a/e")
    assert embeddings.vectors == [[0.0], [1.0]]
    assert (embeddings.model, embeddings.usage.cost) == ("a/e", Decimal("0.5"))


def test_embeddings_without_an_index_are_in_order_already(call: Call, openrouter: respx.MockRouter):
    openrouter.post("/embeddings").respond(json={"data": [{"embedding": [1.0]}, {"index": None, "embedding": [0.0]}]})
    assert call("embed", ["a", "b"], model="a/e").vectors == [[1.0], [0.0]]


@pytest.mark.parametrize("rows", [[], [{"embedding": [1.0]}], [{"embedding": "AAAA"}, {"embedding": "BBBB"}], None])
def test_vectors_that_do_not_fit_the_texts_are_refused(call: Call, openrouter: respx.MockRouter, rows: Any):
    openrouter.post("/embeddings").respond(json={"data": rows})
    with pytest.raises(MalformedResponseError):
        call("embed", ["a", "b"], model="a/e")


def test_embedding_nothing_asks_nobody(call: Call, openrouter: respx.MockRouter):
    with pytest.raises(InvalidRequestError):
        call("embed", [], model="a/e")
    assert not openrouter.calls


def test_a_ranking_comes_best_first(call: Call, openrouter: respx.MockRouter):
    rows = [{"index": 1, "relevance_score": 0.2}, {"index": 0, "relevance_score": 0.9, "document": {"text": "a"}}]
    body = {"results": rows, "model": "a/r", "provider": "A", "usage": {"cost": 0.5, "search_units": 1}}
    route = openrouter.post("/rerank").respond(json=body)
    ranking = call("rerank", "q", ["a", "b"], model="a/r", top_n=2)
    assert [(found.index, found.score) for found in ranking.results] == [(0, 0.9), (1, 0.2)]
    assert (ranking.model, ranking.provider, ranking.usage.cost) == ("a/r", "A", Decimal("0.5"))
    assert json.loads(route.calls.last.request.content) == {
        "model": "a/r",
        "query": "q",
        "documents": ["a", "b"],
        "top_n": 2,
    }


def test_zero_data_retention_holds_for_rankings(call: Call, openrouter: respx.MockRouter):
    route = openrouter.post("/rerank").respond(json={"results": []})
    call("rerank", "q", ["a"], model="a/r", options={"routing": Routing(zdr=True)})
    assert json.loads(route.calls.last.request.content)["provider"]["zdr"] is True


@pytest.mark.parametrize("rows", [None, [{"index": 2, "relevance_score": 1}], [{"index": 0}], ["a"]])
def test_a_ranking_of_other_documents_is_refused(call: Call, openrouter: respx.MockRouter, rows: Any):
    openrouter.post("/rerank").respond(json={"results": rows})
    with pytest.raises(MalformedResponseError):
        call("rerank", "q", ["a", "b"], model="a/r")


def test_ranking_nothing_asks_nobody(call: Call, openrouter: respx.MockRouter):
    with pytest.raises(InvalidRequestError):
        call("rerank", "q", [], model="a/r")
    assert not openrouter.calls


@pytest.mark.parametrize("status", [408, 429, 503])
def test_look_ups_are_tried_again_too(call: Call, openrouter: respx.MockRouter, waits: list[float], status: int):
    route = openrouter.get("/models")
    route.side_effect = [
        respx.MockResponse(status, json={"error": {"message": "No."}}),
        respx.MockResponse(json={"data": []}),
    ]
    assert call("models", options={"retry": RetryPolicy()}) == []
    assert len(waits) == 1


def test_a_200_with_an_error_inside_is_an_error(call: Call, openrouter: respx.MockRouter):
    openrouter.get("/models").respond(json={"error": {"code": 503, "message": "Overloaded"}})
    with pytest.raises(OpenRouterError, match="Overloaded") as caught:
        call("models")
    assert caught.value.status == 503


def test_a_web_page_in_place_of_json_is_named(call: Call, openrouter: respx.MockRouter):
    openrouter.get("/models").respond(200, html="<title>Sign in</title>")
    with pytest.raises(MalformedResponseError) as caught:
        call("models")
    assert caught.value.detail == "Sign in"
