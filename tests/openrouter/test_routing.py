from typing import Any

import pytest

from orchat.errors import AuthenticationError, InvalidRequestError, ZDRConflictError
from orchat.openrouter import App, AutoRouter, ProviderPreferences, Routing
from orchat.openrouter.embeddings import embeddings_request
from orchat.openrouter.request import Request, chat_request, default_headers
from tests.openrouter.chunks import QUESTION

ZDR = Routing(zdr=True)


def sent(routing: Routing | None = None, headers: dict[str, str] | None = None, **parameters: Any) -> Request:
    model = parameters.pop("model", "maker/model")
    return chat_request(QUESTION, model=model, routing=routing, headers=headers, parameters=parameters)


def body(routing: Routing | None = None, **parameters: Any) -> dict[str, Any]:
    found = sent(routing, **parameters).body
    assert found is not None
    return found


def test_a_plain_request_says_nothing_that_was_not_asked_for():
    assert body() == {"model": "maker/model", "messages": QUESTION, "stream": True}
    assert sent().headers == {}


def test_parameters_go_into_the_body_untouched_but_it_is_always_a_stream():
    assert body(temperature=0.2, reasoning={"effort": "low"}, stream=False) == {
        **body(),
        "temperature": 0.2,
        "reasoning": {"effort": "low"},
    }


def test_session_and_user_are_sent_and_a_session_id_is_cut_at_256():
    found = chat_request(QUESTION, model="a/b", session_id="x" * 300, user="ann").body
    assert found is not None
    assert (found["session_id"], found["user"]) == ("x" * 256, "ann")


def test_a_request_needs_a_message_and_a_model():
    with pytest.raises(InvalidRequestError, match="message"):
        chat_request([], model="a/b")
    with pytest.raises(InvalidRequestError, match="model"):
        chat_request(QUESTION)
    assert chat_request(QUESTION, routing=Routing(auto=True)).body is not None


def test_auto_asks_the_auto_router_whatever_model_is_named():
    found = body(Routing(auto=True))
    assert (found["model"], found["plugins"]) == ("openrouter/auto", [{"id": "auto-router"}])


def test_what_the_auto_router_may_choose_is_in_its_plugin():
    router = AutoRouter(("anthropic/*",), ("*:free",), cost_tier="medium", pin_model=True)
    assert body(Routing(auto=True, auto_router=router))["plugins"] == [
        {
            "id": "auto-router",
            "allowed_models": ["anthropic/*"],
            "excluded_models": ["*:free"],
            "cost_tier": "medium",
            "pin_model": True,
        }
    ]


def test_plugins_of_the_call_stay_beside_the_auto_routers():
    router = AutoRouter(cost_tier="low")
    given = [{"id": "response-healing"}, {"id": "auto-router", "pin_model": True}]
    assert body(Routing(auto=True, auto_router=router), plugins=given)["plugins"] == [
        {"id": "response-healing"},
        {"id": "auto-router", "cost_tier": "low", "pin_model": True},
    ]


def test_fallbacks_follow_the_model_and_no_model_comes_twice():
    assert body(Routing(fallbacks=("c/d", "maker/model")))["models"] == ["maker/model", "c/d"]


def test_zdr_is_in_the_body_and_in_the_header_and_the_response_cache_is_off():
    request = sent(ZDR)
    assert request.body is not None
    assert request.body["provider"] == {"zdr": True, "data_collection": "deny"}
    assert {name.lower(): value for name, value in request.headers.items()} == {
        "x-openrouter-zdr": "true",
        "x-openrouter-cache": "false",
    }


@pytest.mark.parametrize(
    "provider", [None, {}, {"zdr": False}, {"zdr": None}, {"data_collection": "allow"}, {"only": ["x"], "zdr": False}]
)
def test_no_provider_object_of_a_call_undoes_zdr(provider: Any):
    found = body(ZDR, provider=provider)["provider"]
    assert (found["zdr"], found["data_collection"]) == (True, "deny")


@pytest.mark.parametrize("name", ["X-OpenRouter-ZDR", "x-openrouter-zdr", "X-OPENROUTER-ZDR"])
def test_no_header_of_a_call_undoes_zdr(name: str):
    headers = sent(ZDR, {name: "false"}).headers
    assert [value for key, value in headers.items() if key.lower() == "x-openrouter-zdr"] == ["true"]


@pytest.mark.parametrize(
    "client",
    [
        ZDR,
        Routing(provider=ProviderPreferences(zdr=True)),
    ],
)
@pytest.mark.parametrize("call", [Routing(), Routing(zdr=False), Routing(provider=ProviderPreferences(zdr=False))])
def test_no_routing_of_a_call_undoes_the_clients_zdr(client: Routing, call: Routing):
    assert body(call.tightened(client))["provider"]["zdr"] is True


def test_a_call_may_ask_for_zdr_by_itself_and_gets_all_of_it():
    request = sent(provider={"zdr": True})
    assert request.body is not None
    assert request.body["provider"]["data_collection"] == "deny"
    assert "x-openrouter-zdr" in {name.lower() for name in request.headers}


UNCOVERED: list[dict[str, Any]] = [
    {"plugins": [{"id": "web"}]},
    {"plugins": [{"id": "file-parser", "pdf": {"engine": "mistral-ocr"}}]},
    {"plugins": [{"id": "plugin-of-next-year"}]},
    {"tools": [{"type": "openrouter:web_search"}]},
    {"tools": [{"type": "function", "function": {"name": "f"}}, {"type": "web_search"}]},
    {"model": "maker/model:online"},
    {"model": "maker/model:online:nitro"},
    {"models": ["maker/other:online"]},
    {"web_search_options": {"search_context_size": "low"}},
]


@pytest.mark.parametrize("parameters", UNCOVERED, ids=str)
def test_what_zdr_does_not_cover_is_refused_and_passes_without_it(parameters: dict[str, Any]):
    with pytest.raises(ZDRConflictError, match="Zero data retention"):
        body(ZDR, **parameters)
    assert body(**parameters).items() >= parameters.items()


@pytest.mark.parametrize("value", ["true", "TRUE", " true", "1"])
def test_the_response_cache_is_refused_under_zdr(value: str):
    with pytest.raises(ZDRConflictError, match="cache"):
        sent(ZDR, {"X-OpenRouter-Cache": value})


@pytest.mark.parametrize(
    "parameters",
    [
        {"plugins": [{"id": "web", "enabled": False}]},
        {"plugins": [{"id": "context-compression"}]},
        {"plugins": [{"id": "file-parser", "pdf": {"engine": "native"}}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
    ],
    ids=str,
)
def test_what_zdr_covers_passes(parameters: dict[str, Any]):
    assert body(ZDR, **parameters)["provider"]["zdr"] is True


def test_under_zdr_a_file_is_read_by_the_model_and_by_no_third_party():
    file = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "What is in it?"}, file]}]
    native = {"id": "file-parser", "pdf": {"engine": "native"}}
    private = chat_request(messages, model="a/b", routing=ZDR).body
    other = chat_request(messages, model="a/b").body
    assert private is not None
    assert other is not None
    assert (private["plugins"], other.get("plugins")) == ([native], None)


def test_the_auto_router_and_zdr_go_together():
    found = body(Routing(auto=True, zdr=True))
    assert (found["model"], found["provider"]["zdr"]) == ("openrouter/auto", True)


def test_provider_preferences_are_sent_as_openrouter_spells_them():
    preferences = ProviderPreferences(
        order=("anthropic", "google-vertex/us-east5"),
        only=("azure",),
        ignore=("deepinfra",),
        allow_fallbacks=False,
        require_parameters=True,
        quantizations=("fp8",),
        sort={"by": "price", "partition": "none"},
        max_price={"prompt": 1, "completion": "2.5"},
        data_collection="allow",
    )
    assert body(Routing(provider=preferences))["provider"] == {
        "order": ["anthropic", "google-vertex/us-east5"],
        "only": ["azure"],
        "ignore": ["deepinfra"],
        "allow_fallbacks": False,
        "require_parameters": True,
        "quantizations": ["fp8"],
        "sort": {"by": "price", "partition": "none"},
        "max_price": {"prompt": "1", "completion": "2.5"},
        "data_collection": "allow",
    }


def test_preferences_of_a_call_go_before_and_unknown_ones_are_passed_on():
    routing = Routing(provider=ProviderPreferences(sort="price", only=("a",)))
    assert body(routing, provider={"sort": "latency", "zrd": True})["provider"] == {
        "sort": "latency",
        "only": ["a"],
        "zrd": True,
    }


@pytest.mark.parametrize(
    "parameters",
    [{"provider": ["x"]}, {"plugins": {"id": "web"}}, {"plugins": ["web"]}, {"tools": {"type": "x"}}, {"tools": ["f"]}],
    ids=str,
)
@pytest.mark.parametrize("routing", [Routing(), Routing(auto=True), ZDR])
def test_a_part_of_a_wrong_shape_is_named(parameters: dict[str, Any], routing: Routing):
    with pytest.raises(InvalidRequestError, match=next(iter(parameters))):
        body(routing, **parameters)


def test_the_callers_objects_are_left_alone():
    provider, plugins = {"sort": "price"}, [{"id": "response-healing"}]
    body(Routing(auto=True, zdr=True), provider=provider, plugins=plugins)
    assert (provider, plugins) == ({"sort": "price"}, [{"id": "response-healing"}])


@pytest.mark.parametrize("headers", [{"X-Note": "näh"}, {"X-Note": "a\r\nX-Other: b"}])
def test_a_header_that_cannot_be_sent_is_named(headers: dict[str, str]):
    with pytest.raises(InvalidRequestError, match="X-Note"):
        sent(headers=headers)


def test_the_app_is_named_as_openrouter_attributes_it():
    assert App("https://chat.example", "Chat").headers() == {
        "HTTP-Referer": "https://chat.example",
        "X-OpenRouter-Title": "Chat",
    }
    assert App().headers() == {}


def test_an_app_may_have_a_name_that_is_not_ascii():
    headers = App("https://chat.example/büro", "Büro\n👋 Chat").headers()
    assert headers == {"HTTP-Referer": "https://chat.example/b%C3%BCro", "X-OpenRouter-Title": "Buro Chat"}


@pytest.mark.parametrize("key", ["sk-or v1", "sk-or-v1\n", "sk-or-ключ"])
def test_a_key_that_cannot_be_one_is_refused_without_repeating_it(key: str):
    with pytest.raises(AuthenticationError) as caught:
        default_headers(key, App())
    assert "sk-or" not in str(caught.value)


def test_embeddings_obey_zdr_and_ask_for_floats():
    request = embeddings_request(["a", "b"], "maker/embed", Routing(zdr=True, auto=True, fallbacks=("x/y",)), {})
    assert request.path == "/embeddings"
    assert request.body == {
        "model": "maker/embed",
        "input": ["a", "b"],
        "encoding_format": "float",
        "provider": {"zdr": True, "data_collection": "deny"},
    }
    assert "x-openrouter-zdr" in {name.lower() for name in request.headers}


@pytest.mark.parametrize("texts", [[], "one text"])
def test_embedding_nothing_is_refused(texts: Any):
    with pytest.raises(InvalidRequestError, match="list of texts"):
        embeddings_request(texts, "maker/embed", Routing(), {})
