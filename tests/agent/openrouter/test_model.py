"""What LangChain's suites do not ask: that nothing of an answer is lost, and nothing is sent that was not meant."""

import asyncio
import threading
import warnings
from typing import Any

import httpx
import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import SummarizationMiddleware
from langchain_core.load import dumpd, load
from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, ValidationError

from orchat import AsyncOpenRouterClient, ChatOpenRouter, OpenRouterClient, Routing
from orchat.agent.openrouter.messages import from_wire, to_wire
from orchat.demo import DemoServer
from tests.agent.openrouter.conftest import Make, both_ways, invoked, sent, streamed
from tests.openrouter.chunks import DONE, chunk, data, delta
from tests.openrouter.upstream import Upstream, answering


def test_it_is_a_chat_openai_for_everybody_who_asks(model: Make):
    assert isinstance(model(), ChatOpenAI)


# What arrives


def test_both_ways_bring_the_same_message(model: Make):
    for name in ("reasoning_gemini", "citations", "images", "tools_indexed", "refusal"):
        whole, piecewise = both_ways(model, name)
        assert to_wire(whole) == to_wire(piecewise), name
        assert whole.tool_calls == piecewise.tool_calls
        assert whole.usage_metadata == piecewise.usage_metadata
        assert whole.response_metadata == piecewise.response_metadata


@pytest.mark.parametrize("name", ["tools_indexed", "tools_all_index_0", "tools_without_index"])
def test_several_calls_stay_apart_however_they_are_numbered(model: Make, name: str):
    whole, piecewise = both_ways(model, name)
    assert len({call["id"] for call in piecewise.tool_calls}) == len(piecewise.tool_calls) > 1
    assert piecewise.tool_calls == whole.tool_calls


@pytest.mark.parametrize("arguments", ['{"city": "Par', '{"a": [1, {"b": 2', '{"a": 1', "{", '{"a": "x\\', '{"a":'])
def test_a_call_that_was_cut_off_is_never_run_with_what_had_come_of_it(model: Make, arguments: str):
    function = {"name": "book", "arguments": arguments}
    recording = data({**chunk(), **delta(tool_calls=[{"index": 0, "id": "1", "function": function}])})
    for ask in (invoked, streamed):
        answer = ask(model(answering(recording + data(chunk(finish="length")) + DONE)))
        assert answer.tool_calls == []
        assert answer.invalid_tool_calls[0]["args"].startswith(arguments)


# Stopping, and event loops


def test_one_model_serves_several_threads(model: Make):
    asked, texts = model(), []
    threads = [threading.Thread(target=lambda: texts.append(asked.invoke("Hello?").text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert texts == ["Hello."] * 4


def test_a_client_of_ones_own_is_used(upstream: Upstream):
    with OpenRouterClient("sk-or-own", base_url=upstream.url, routing=Routing(zdr=True)) as client:
        ChatOpenRouter(model="maker/model", openrouter_client=client).invoke("Hello?")
    assert upstream.requests[0].headers["authorization"] == "Bearer sk-or-own"
    assert upstream.requests[0].body["provider"]["zdr"] is True

    async def ask() -> str:
        async with AsyncOpenRouterClient("sk-or-own", base_url=upstream.url) as shared:
            model = ChatOpenRouter(model="maker/model", openrouter_async_client=shared)
            return str((await model.ainvoke("Hello?")).text)

    assert asyncio.run(ask()) == "Hello."


def test_the_client_that_is_missing_is_made_like_the_one_that_was_given(upstream: Upstream):
    """Else the question would go elsewhere, and without the privacy that was asked for."""
    options: Any = {"base_url": upstream.url, "routing": Routing(zdr=True)}
    with OpenRouterClient("sk-or-own", **options) as client:
        asyncio.run(ChatOpenRouter(model="maker/model", openrouter_client=client).ainvoke("Hello?"))
    shared = AsyncOpenRouterClient("sk-or-own", **options)
    ChatOpenRouter(model="maker/model", openrouter_async_client=shared).invoke("Hello?")
    assert [request.headers["authorization"] for request in upstream.requests] == ["Bearer sk-or-own"] * 2
    assert [request.body["provider"]["zdr"] for request in upstream.requests] == [True, True]


# What is sent


def test_the_official_class_s_names_are_understood(model: Make, upstream: Upstream):
    model(
        openrouter_provider={"sort": "price"},
        reasoning={"max_tokens": 2000, "exclude": True},
        plugins=[{"id": "web"}],
        session_id="talk-1",
        route="fallback",
        trace={"name": "x"},
        app_url="https://example.com",
        app_title="Example",
        app_categories=["cli-agent", "programming-app"],
        default_headers={"x-own": "1"},
    ).invoke("Hello?", extra_headers={"x-of-the-call": "2"})
    body, headers = sent(upstream), upstream.requests[-1].headers
    assert body["provider"] == {"sort": "price"}
    assert body["reasoning"] == {"max_tokens": 2000, "exclude": True}
    assert body["plugins"] == [{"id": "web"}]
    assert (body["session_id"], body["route"], body["trace"]) == ("talk-1", "fallback", {"name": "x"})
    assert (headers["http-referer"], headers["x-openrouter-title"]) == ("https://example.com", "Example")
    assert headers["x-openrouter-categories"] == "cli-agent,programming-app"
    assert (headers["x-own"], headers["x-of-the-call"]) == ("1", "2")


def test_the_official_class_s_names_of_key_and_address_are_understood(upstream: Upstream):
    made = ChatOpenRouter(model="a/b", openrouter_api_key="sk-or-own", openrouter_api_base=upstream.url)
    made.invoke("Hello?")
    assert upstream.requests[0].headers["authorization"] == "Bearer sk-or-own"
    assert "sk-or-own" not in str(sent(upstream)) + repr(made)


@pytest.mark.parametrize(
    "option",
    [
        {"openai_proxy": "http://127.0.0.1:1"},
        {"organization": "org"},
        {"default_query": {"a": "b"}},
        {"timeout": (1, 2)},
    ],
)
def test_what_would_do_nothing_is_refused(model: Make, option: dict[str, Any]):
    with pytest.raises(ValidationError):
        model(**option)


def test_the_key_s_requests_can_be_carried_by_an_httpx_client_of_ones_own(model: Make, upstream: Upstream):
    with httpx.Client(headers={"x-carried": "yes"}) as http:
        invoked(model(http_client=http))
    assert upstream.requests[0].headers["x-carried"] == "yes"

    async def ask() -> None:
        async with httpx.AsyncClient(headers={"x-carried": "async"}) as http:
            await model(http_async_client=http).ainvoke("Hello?")

    asyncio.run(ask())
    assert upstream.requests[1].headers["x-carried"] == "async"
    with pytest.raises(ValidationError, match="clients of httpx"):
        model(http_client=object())


def test_fallbacks_and_the_limits_of_the_auto_router_are_sent(model: Make, upstream: Upstream):
    model(models=["other/one", "other/two"]).invoke("Hello?")
    assert sent(upstream)["models"] == ["maker/model", "other/one", "other/two"]
    model(model="openrouter/auto", allowed_models=["a/*"], excluded_models=["a/b"], cost_tier="low").invoke("Hello?")
    (plugin,) = sent(upstream)["plugins"]
    assert plugin == {"id": "auto-router", "allowed_models": ["a/*"], "excluded_models": ["a/b"], "cost_tier": "low"}


FILE = {"type": "file", "base64": "JVBERi0=", "mime_type": "application/pdf"}


@pytest.mark.parametrize(
    "block, wire",
    [
        (
            {"type": "video", "url": "https://example.com/a.mp4"},
            {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}},
        ),
        (
            {"type": "video", "base64": "AAAA", "mime_type": "video/webm"},
            {"type": "video_url", "video_url": {"url": "data:video/webm;base64,AAAA"}},
        ),
        (
            {"type": "file", "url": "https://example.com/a.pdf", "extras": {"filename": "a.pdf"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "https://example.com/a.pdf"}},
        ),
        (FILE, {"type": "file", "file": {"filename": "file.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}),
        (
            {"type": "file", "source_type": "base64", "data": "JVBERi0=", "mime_type": "application/pdf"},
            {"type": "file", "file": {"filename": "file.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}},
        ),
        (
            {"type": "image", "base64": "AAAA", "mime_type": "image/png"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        ),
        (
            {"type": "audio", "base64": "AAAA", "mime_type": "audio/wav"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        ),
    ],
)
def test_every_kind_of_input_is_sent_as_openrouter_takes_it(
    model: Make, upstream: Upstream, block: dict[str, Any], wire: dict[str, Any]
):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model().invoke([HumanMessage([{"type": "text", "text": "Look."}, block])])
    assert sent(upstream)["messages"][0]["content"][1] == wire


def test_ssrf_4_an_address_in_a_message_is_handed_on_and_never_fetched_here(model: Make, upstream: Upstream):
    with Upstream() as inside:
        picture = {"type": "image_url", "image_url": {"url": f"{inside.url}/secret.png"}}
        asked = model()
        asked.get_num_tokens_from_messages([HumanMessage([picture])])
        asked.invoke([HumanMessage([picture])])
        assert sent(upstream)["messages"][0]["content"] == [picture]
        assert inside.connections == []


# The rest of a LangChain model


def test_a_key_is_never_shown(model: Make):
    assert "sk-or-test" not in repr(model())
    assert "sk-or-test" not in str(dumpd(model()))


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@pytest.mark.parametrize("method", ["function_calling", "json_schema"])
@pytest.mark.parametrize("schema", [Person, Person.model_json_schema()])
def test_answers_come_in_the_shape_that_was_asked_for(demo: DemoServer, method: Any, schema: Any):
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.6", api_key=demo.api_key, base_url=demo.base_url)
    answer = model.with_structured_output(schema, method=method).invoke("Who is Ann?")
    assert isinstance(answer, Person if schema is Person else dict)
    raw = model.with_structured_output(schema, method=method, include_raw=True).invoke("Who is Ann?")
    assert raw["parsing_error"] is None
    assert isinstance(raw["raw"], AIMessage)


def test_the_profile_comes_from_the_catalogue(demo: DemoServer):
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.6", api_key=demo.api_key, base_url=demo.base_url)
    assert model.load_profile() == model.profile == asyncio.run(model.aload_profile())
    assert model.profile is not None
    assert model.profile["tool_calling"] is True
    assert model.profile["max_input_tokens"] > 100_000


def test_an_agent_s_middleware_and_its_structured_output_use_the_profile(demo: DemoServer):
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.6", api_key=demo.api_key, base_url=demo.base_url)
    model.load_profile()
    middleware = [SummarizationMiddleware(model, trigger=("fraction", 0.8), keep=("fraction", 0.3))]
    agent = create_agent(model, [], response_format=Person, middleware=middleware)
    assert isinstance(agent.invoke({"messages": [("user", "Who is Ann?")]})["structured_response"], Person)


@pytest.mark.filterwarnings("ignore:The function `load` is in beta")
def test_it_is_serialized_and_read_back_by_those_who_allow_it(model: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-env")
    kept = dumpd(model(zdr=True, session_id="talk-1"))
    again = load(kept, allowed_objects=[ChatOpenRouter], secrets_from_env=True, valid_namespaces=["orchat"])
    assert (again.zdr, again.session_id, again.model_name) == (True, "talk-1", "maker/model")


# Messages


@pytest.mark.parametrize(
    "wire",
    [
        {"role": "user", "content": "Hello"},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
        {"role": "system", "content": "Be brief."},
        {"role": "tool", "tool_call_id": "call_1", "content": "Found."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}],
            "reasoning": "Hm.",
            "reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "signature": "s", "index": 0}],
        },
        {"role": "assistant", "content": "See [1].", "annotations": [{"type": "url_citation", "url_citation": {}}]},
    ],
)
def test_a_stored_message_comes_back_as_it_was(wire: dict[str, Any]):
    assert to_wire(from_wire(wire)) == wire


def test_a_message_of_an_unknown_role_is_refused():
    with pytest.raises(ValueError, match="cannot be sent"):
        from_wire({"role": "critic", "content": "Bad."})
