"""What LangChain's suites do not ask: that nothing of an answer is lost, and nothing is sent that was not meant."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAuthenticationError,
    ModelError,
    ModelRateLimitError,
)
from langchain_core.load import dumpd, load
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, ValidationError

from orchat import AsyncOpenRouterClient, ChatOpenRouter, OpenRouterClient, OpenRouterError, Routing
from orchat.agent.openrouter.messages import from_wire, to_wire
from orchat.demo import DemoServer
from orchat.errors import (
    IdleTimeoutError,
    InvalidRequestError,
    PaymentRequiredError,
    RateLimitedError,
    StreamTruncatedError,
    ZDRConflictError,
)
from tests.openrouter.chunks import ANSWER, COMMENT, DONE, RECORDED, chunk, data
from tests.openrouter.upstream import Answer, Upstream, answering, falling_silent_after

JSON_TYPE = {"content-type": "application/json"}
SEARCH = {"type": "openrouter:web_search"}
Make = Callable[..., ChatOpenRouter]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def model(upstream: Upstream) -> Make:
    def make(*answers: Answer, **options: Any) -> ChatOpenRouter:
        upstream.answers.extend(answers)
        return ChatOpenRouter(**{"model": "maker/model", "api_key": "sk-or-test", "base_url": upstream.url, **options})

    return make


def streamed(model: ChatOpenRouter, question: Any = "Hello?", **options: Any) -> AIMessage:
    chunks = list(model.stream(question, **options))
    return sum(chunks[1:], chunks[0])


def both_ways(make: Make, name: str) -> Iterator[AIMessage]:
    """The same recorded stream, taken whole and as it comes."""
    yield make(answering(RECORDED[name])).invoke("Hello?")
    yield streamed(make(answering(RECORDED[name])))


def test_it_is_a_chat_openai_for_everybody_who_asks(model: Make):
    assert isinstance(model(), ChatOpenAI)


# What arrives


@pytest.mark.parametrize("name", ["plain_usage_with_repeated_finish", "plain_usage_with_null_finish"])
def test_the_usage_chunk_that_repeats_the_end_doubles_nothing(model: Make, name: str):
    for answer in both_ways(model, name):
        assert answer.response_metadata["finish_reason"] == "stop"
        assert answer.response_metadata["model_name"].count("/") == 1
        assert isinstance(answer.response_metadata["cost"], float)


def test_tokens_are_counted_under_the_name_of_the_model_that_answered(model: Make):
    counter = UsageMetadataCallbackHandler()
    streamed(model(answering(RECORDED["plain_usage_with_repeated_finish"])), config={"callbacks": [counter]})
    (name,) = counter.usage_metadata
    assert name.count("/") == 1


def test_usage_in_two_chunks_with_different_costs_is_no_error(model: Make):
    parts = [data(chunk("Hi")), data(chunk(finish="stop", usage={"cost": 0.01})), data(chunk(usage={"cost": 0.02}))]
    assert streamed(model(answering(b"".join(parts) + DONE))).response_metadata["cost"] == 0.02


@pytest.mark.parametrize("name", ["reasoning_anthropic", "reasoning_gemini", "reasoning_openai"])
def test_reasoning_is_sent_back_byte_for_byte_to_its_own_maker(model: Make, upstream: Upstream, name: str):
    for answer in both_ways(model, name):
        details = answer.additional_kwargs["reasoning_details"]
        maker = answer.response_metadata["model_name"].partition("/")[0]
        model(model=f"{maker}/another").invoke([HumanMessage("Q"), answer, HumanMessage("More?")])
        assert upstream.requests[-1].body["messages"][1]["reasoning_details"] == details
        assert all("format" not in detail or detail["format"].count("v1") == 1 for detail in details)
        model(model="foreign/model").invoke([HumanMessage("Q"), answer, HumanMessage("More?")])
        assert "reasoning_details" not in upstream.requests[-1].body["messages"][1]


def test_both_ways_bring_the_same_message(model: Make):
    for name in ("reasoning_gemini", "citations", "images", "tools_indexed", "refusal"):
        whole, piecewise = both_ways(model, name)
        assert to_wire(whole) == to_wire(piecewise), name
        assert whole.tool_calls == piecewise.tool_calls
        assert whole.usage_metadata == piecewise.usage_metadata
        assert whole.response_metadata == piecewise.response_metadata


def test_the_provider_and_the_native_end_are_kept(model: Make):
    for answer in both_ways(model, "auto_router"):
        assert answer.response_metadata["provider"]
        assert answer.response_metadata["native_finish_reason"]
        assert answer.response_metadata["id"].startswith("gen-")


def test_the_model_that_the_auto_router_chose_is_known_before_the_first_word(model: Make):
    asked = model(answering(RECORDED["auto_router"]), model="openrouter/auto")
    first = next(part for part in asked.stream("Hello?") if part.response_metadata.get("model_name"))
    assert first.content == ""
    assert first.response_metadata["model_name"] != "openrouter/auto"


def test_citations_are_content_blocks_and_their_wire_form_is_kept(model: Make):
    for answer in both_ways(model, "citations"):
        cited = [note for block in answer.content_blocks for note in block.get("annotations", [])]
        assert cited
        assert all(note["type"] == "citation" and note["url"].startswith("http") for note in cited)
        assert to_wire(answer)["annotations"] == answer.additional_kwargs["annotations"]
        assert isinstance(to_wire(answer)["content"], str)


def test_pictures_are_content_blocks(model: Make):
    for answer in both_ways(model, "images"):
        pictures = [block for block in answer.content_blocks if block["type"] == "image"]
        assert pictures
        assert pictures[0]["mime_type"].startswith("image/")
        assert to_wire(answer)["images"] == answer.additional_kwargs["images"]


@pytest.mark.parametrize("name", ["tools_indexed", "tools_all_index_0", "tools_without_index"])
def test_several_calls_stay_apart_however_they_are_numbered(model: Make, name: str):
    whole, piecewise = both_ways(model, name)
    assert len({call["id"] for call in piecewise.tool_calls}) == len(piecewise.tool_calls) > 1
    assert piecewise.tool_calls == whole.tool_calls


# What goes wrong


def error_streams() -> list[str]:
    return sorted(name for name in RECORDED if name.startswith("error_"))


@pytest.mark.parametrize("name", error_streams())
def test_an_error_in_mid_stream_is_raised_with_what_had_arrived(model: Make, name: str):
    for ask in (lambda asked: asked.invoke("Hello?"), streamed):
        with pytest.raises(OpenRouterError) as caught:
            ask(model(answering(RECORDED[name])))
        assert isinstance(caught.value, ModelError)
        assert caught.value.partial_text == caught.value.reply.text
    assert any(RECORDED[each].count(b'"content":"Part"') for each in error_streams())


def test_a_truncated_stream_is_an_error_of_both_trees(model: Make):
    with pytest.raises(StreamTruncatedError) as caught:
        streamed(model(answering(RECORDED["truncated"])))
    assert isinstance(caught.value, ModelError)


def test_an_error_in_a_200_keeps_its_message(model: Make):
    body = b'{"error": {"code": 502, "message": "The provider is down"}}'
    for ask in (lambda asked: asked.invoke("Hello?"), streamed):
        with pytest.raises(OpenRouterError, match="The provider is down"):
            ask(model(answering(body, headers=JSON_TYPE)))


@pytest.mark.parametrize(
    "status, message, ours, theirs",
    [
        (401, "User not found.", OpenRouterError, ModelAuthenticationError),
        (402, "Insufficient credits", PaymentRequiredError, ModelError),
        (429, "Rate limit exceeded", RateLimitedError, ModelRateLimitError),
        (
            400,
            "This endpoint's maximum context length is 4096 tokens. However, you requested about 9000 tokens",
            InvalidRequestError,
            ContextOverflowError,
        ),
    ],
)
def test_a_refusal_is_caught_by_either_name(
    model: Make, status: int, message: str, ours: type[Exception], theirs: type[Exception]
):
    refused = answering(b'{"error": {"code": %d, "message": "%s"}}' % (status, message.encode()), status, JSON_TYPE)
    for kind in (ours, theirs):
        with pytest.raises(kind):
            model(refused, max_retries=0).invoke("Hello?")
    assert RateLimitedError.__mro__[1] is OpenRouterError, "orchat's own classes know nothing of LangChain's"


def test_a_full_moment_is_waited_out_and_asked_again(model: Make, upstream: Upstream):
    full = answering(b'{"error": {"code": 429, "message": "Slow down"}}', 429, {**JSON_TYPE, "retry-after": "0.1"})
    assert model(full, full, max_retries=2).invoke("Hello?").text == "Hello."
    assert len(upstream.requests) == 3


def test_a_slow_answer_is_asked_for_once(model: Make, upstream: Upstream):
    def slowly(connection: Any) -> None:
        connection.head()
        time.sleep(1.5)
        connection.send(ANSWER)
        connection.end()

    assert model(slowly).invoke("Hello?").text == "Hello."
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("comments", [b"", COMMENT])
def test_silence_ends_after_the_idle_timeout_also_when_comments_come(model: Make, comments: bytes):
    def silent(connection: Any) -> None:
        connection.head()
        connection.send(data(chunk("Hel")))
        for _ in range(40):
            if comments:
                connection.send(comments)
            time.sleep(0.05)

    with pytest.raises(IdleTimeoutError) as caught:
        streamed(model(silent, idle_timeout=0.3))
    assert caught.value.partial_text == "Hel"
    with pytest.raises(IdleTimeoutError):
        asyncio.run(_last(model(silent, idle_timeout=0.3)))


async def _last(asked: ChatOpenRouter) -> Any:
    return [part async for part in asked.astream("Hello?")]


# Stopping, and event loops


def test_leaving_a_stream_closes_its_connection(model: Make, upstream: Upstream):
    for _ in model(falling_silent_after(data(chunk("Hel")))).stream("Hello?"):
        break
    assert upstream.connections[0].hung_up.wait(2)


def test_cancelling_a_task_closes_its_connection(model: Make, upstream: Upstream):
    async def cancelled() -> None:
        task = asyncio.ensure_future(_last(model(falling_silent_after(data(chunk("Hel"))))))
        assert await asyncio.to_thread(upstream.asked.wait, 5)
        await asyncio.sleep(0.05)
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 1

    asyncio.run(cancelled())
    assert upstream.connections[0].hung_up.wait(2)


def test_one_model_serves_one_event_loop_after_the_other(model: Make):
    asked = model()
    for _ in range(3):
        assert asyncio.run(asked.ainvoke("Hello?")).text == "Hello."


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


# What is sent


def sent(upstream: Upstream) -> dict[str, Any]:
    return upstream.requests[-1].body


def test_unknown_parameters_go_out_untouched_from_constructor_call_and_extra_body(model: Make, upstream: Upstream):
    asked = model(transforms=["middle-out"], extra_body={"brand_new": {"a": 1}}, verbosity="low")
    asked.invoke("Hello?", logit_bias={"1": 2}, extra_body={"other": 3})
    assert (
        sent(upstream).items()
        >= {
            "transforms": ["middle-out"],
            "brand_new": {"a": 1},
            "verbosity": "low",
            "logit_bias": {"1": 2},
            "other": 3,
        }.items()
    )
    assert "extra_body" not in sent(upstream)


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
        max_tokens=50,
    ).invoke("Hello?")
    body, headers = sent(upstream), upstream.requests[-1].headers
    assert body["provider"] == {"sort": "price"}
    assert body["reasoning"] == {"max_tokens": 2000, "exclude": True}
    assert body["plugins"] == [{"id": "web"}]
    assert (body["session_id"], body["route"], body["trace"]) == ("talk-1", "fallback", {"name": "x"})
    assert (headers["http-referer"], headers["x-openrouter-title"]) == ("https://example.com", "Example")
    assert body["max_tokens"] == 50
    assert "max_completion_tokens" not in body


def test_fallbacks_and_the_limits_of_the_auto_router_are_sent(model: Make, upstream: Upstream):
    model(models=["other/one", "other/two"]).invoke("Hello?")
    assert sent(upstream)["models"] == ["maker/model", "other/one", "other/two"]
    model(model="openrouter/auto", allowed_models=["a/*"], excluded_models=["a/b"], cost_tier="low").invoke("Hello?")
    (plugin,) = sent(upstream)["plugins"]
    assert plugin == {"id": "auto-router", "allowed_models": ["a/*"], "excluded_models": ["a/b"], "cost_tier": "low"}


@pytest.mark.parametrize(
    "options",
    [
        {"reasoning": {"effort": "low"}},
        {"model": "openai/gpt-5-codex"},
        {"use_responses_api": True},
        {"model": "o1-preview"},
    ],
)
def test_it_is_always_chat_completions(model: Make, upstream: Upstream, options: dict[str, Any]):
    asked = model(**options)
    asked.invoke([SystemMessage("Be brief."), HumanMessage("Hello?")])
    asked.bind_tools([SEARCH]).invoke("Hello?")
    assert {request.line.split()[1] for request in upstream.requests} == {"/api/v1/chat/completions"}
    assert upstream.requests[0].body["messages"][0]["role"] == "system"
    assert "temperature" not in upstream.requests[0].body
    assert upstream.requests[1].body["tools"] == [SEARCH]


def test_the_cache_mark_of_a_tool_message_is_kept(model: Make, upstream: Upstream):
    call = {"name": "look", "args": {}, "id": "call_1", "type": "tool_call"}
    part = {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral"}}
    model().invoke([HumanMessage("Q"), AIMessage("", tool_calls=[call]), ToolMessage([part], tool_call_id="call_1")])
    assert sent(upstream)["messages"][-1]["content"] == [part]


# Privacy


def test_zero_data_retention_cannot_be_switched_off(model: Make, upstream: Upstream):
    for options in ({"zdr": True}, {"openrouter_provider": {"zdr": True, "max_price": {"prompt": 1}}}):
        for call in (
            {},
            {"zdr": False},
            {"provider": {"zdr": False, "sort": "price"}},
            {"extra_body": {"provider": {"zdr": False}}},
            {"extra_body": {"zdr": False}},
        ):
            model(**options).invoke("Hello?", **call)
            assert sent(upstream)["provider"]["zdr"] is True
            assert sent(upstream)["provider"]["data_collection"] == "deny"
            assert "zdr" not in sent(upstream)
    assert sent(upstream)["provider"]["max_price"] == {"prompt": "1"}


def test_it_can_be_switched_on_for_one_call(model: Make, upstream: Upstream):
    model().invoke("Hello?", zdr=True)
    assert sent(upstream)["provider"]["zdr"] is True


def test_what_it_cannot_cover_is_refused_before_anything_is_sent(model: Make, upstream: Upstream):
    with pytest.raises(ZDRConflictError):
        model(zdr=True).bind_tools([SEARCH]).invoke("Hello?")
    with pytest.raises(ZDRConflictError):
        model(zdr=True, plugins=[{"id": "web"}]).invoke("Hello?")
    assert upstream.requests == []


@pytest.mark.parametrize(
    "preferences", [{"zdr": "yes"}, {"allow_fallbacks": 1}, {"max_price": 3}, {"data_collection": "no"}]
)
def test_bad_preferences_fail_loudly(model: Make, upstream: Upstream, preferences: dict[str, Any]):
    with pytest.raises(InvalidRequestError):
        model(openrouter_provider=preferences)
    with pytest.raises(InvalidRequestError):
        model().invoke("Hello?", provider=preferences)
    assert upstream.requests == []


def test_preferences_that_are_new_to_us_are_sent(model: Make, upstream: Upstream):
    model(openrouter_provider={"zdr": True, "brand_new": 1}).invoke("Hello?")
    assert sent(upstream)["provider"]["brand_new"] == 1


def test_nothing_meant_for_openai_or_langsmith_leaks(model: Make, upstream: Upstream, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-SECRET-openai")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-SECRET")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-SECRET")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("LANGSMITH_GATEWAY", "true")
    model().invoke("Hello?")
    assert "SECRET" not in str(upstream.requests[0].headers)
    assert ChatOpenRouter(model="a/b", api_key="sk-or").openai_api_base == "https://openrouter.ai/api/v1"
    with pytest.raises(ValidationError, match="There is no OpenRouter key"):
        ChatOpenRouter(model="a/b")


def test_a_key_is_never_shown(model: Make):
    assert "sk-or-test" not in repr(model())
    assert "sk-or-test" not in str(dumpd(model()))


# The rest of a LangChain model


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


def test_tokens_are_counted_without_a_network(model: Make):
    asked = model()
    assert asked.get_num_tokens("12345678") == 2
    assert asked.get_num_tokens_from_messages([HumanMessage("12345678")]) > 2
    with pytest.raises(NotImplementedError):
        asked.get_token_ids("text")


def test_the_profile_comes_from_the_catalogue(demo: DemoServer):
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.6", api_key=demo.api_key, base_url=demo.base_url)
    assert model.load_profile() == model.profile
    assert model.profile is not None
    assert model.profile["tool_calling"] is True
    assert model.profile["max_input_tokens"] > 100_000


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
