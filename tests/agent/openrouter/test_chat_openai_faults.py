"""What breaks when a plain ChatOpenAI is pointed at OpenRouter, row by row, and holds here."""

import asyncio
import socket
import time
from typing import Any

import pytest
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.exceptions import ModelError, ModelRateLimitError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel, ValidationError

from orchat import ChatOpenRouter, OpenRouterError, RateLimitedError, UpstreamError
from orchat.errors import IdleTimeoutError
from tests.agent.openrouter.conftest import (
    JSON_TYPE,
    SEARCH,
    Make,
    both_ways,
    invoked,
    refusing,
    sent,
    streamed,
    streamed_async,
)
from tests.openrouter.chunks import ANSWER, COMMENT, DONE, RECORDED, chunk, data, delta
from tests.openrouter.upstream import Upstream, answering, falling_silent_after

CALL = {"name": "look", "args": {}, "id": "call_1", "type": "tool_call"}


def test_row_reasoning_is_kept_as_text_and_as_one_list(model: Make):
    for answer in both_ways(model, "reasoning_anthropic"):
        assert answer.additional_kwargs["reasoning_content"]
        assert len(answer.additional_kwargs["reasoning_details"]) == 1
        assert answer.content_blocks[0]["type"] == "reasoning"


def test_row_reasoning_details_are_echoed_on_the_tool_turn(model: Make, upstream: Upstream):
    details = [
        {"type": "reasoning.text", "text": "Hm.", "signature": "c2ln", "format": "anthropic-claude-v1", "index": 0}
    ]
    calls = [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
    recording = data({**chunk(), **delta(reasoning_details=details)}) + data(delta(tool_calls=calls))
    for ask in (invoked, streamed):
        answer = ask(model(answering(recording + data(chunk(finish="tool_calls")) + DONE)))
        model().invoke([HumanMessage("Q"), answer, ToolMessage("Found.", tool_call_id="call_1")])
        assert sent(upstream)["messages"][1]["reasoning_details"] == details
        assert sent(upstream)["messages"][1]["tool_calls"][0]["id"] == "call_1"


@pytest.mark.parametrize("name", ["plain_usage_with_repeated_finish", "plain_usage_with_null_finish"])
def test_row_the_usage_chunk_that_repeats_the_end_doubles_nothing(model: Make, name: str):
    for answer in both_ways(model, name):
        assert answer.response_metadata["finish_reason"] == "stop"
        assert answer.response_metadata["model_name"].count("/") == 1


def test_row_tokens_are_counted_under_the_name_of_the_model_that_answered(model: Make):
    counter = UsageMetadataCallbackHandler()
    streamed(model(answering(RECORDED["plain_usage_with_repeated_finish"])), config={"callbacks": [counter]})
    (name,) = counter.usage_metadata
    assert name.count("/") == 1


def test_row_provider_native_end_and_generation_id_are_kept(model: Make):
    for answer in both_ways(model, "auto_router"):
        about = answer.response_metadata
        assert all(about[key] for key in ("provider", "native_finish_reason", "id"))


def test_row_the_cost_is_there_once_as_a_float(model: Make):
    for answer in both_ways(model, "plain_usage_with_repeated_finish"):
        assert isinstance(answer.response_metadata["cost"], float)
        assert "cost" not in answer.usage_metadata


def test_row_usage_comes_with_a_stream_without_asking(model: Make):
    assert streamed(model(answering(RECORDED["plain_usage_with_repeated_finish"]))).usage_metadata["output_tokens"]
    asked = model()
    assert "stream_options" not in asked._default_params


@pytest.mark.parametrize("ask", [invoked, streamed])
@pytest.mark.parametrize("name", sorted(name for name in RECORDED if name.startswith("error_")))
def test_row_a_mid_stream_error_is_typed_in_every_shape(model: Make, name: str, ask: Any):
    with pytest.raises(OpenRouterError) as caught:
        ask(model(answering(RECORDED[name])))
    assert isinstance(caught.value, ModelError)


def test_row_an_error_in_a_200_while_streaming_keeps_its_message(model: Make):
    body = b'{"error": {"code": 429, "message": "Slow down"}}'
    for kind in (RateLimitedError, ModelRateLimitError):
        with pytest.raises(kind, match="Slow down"):
            streamed(model(answering(body, headers=JSON_TYPE), max_retries=0))


def test_row_invoke_with_the_end_error_is_raised(model: Make):
    with pytest.raises(UpstreamError):
        invoked(model(answering(data(chunk("Part")) + data(chunk(finish="error")) + DONE)))


@pytest.mark.parametrize(
    "options",
    [
        {"reasoning": {"effort": "low"}},
        {"model": "openai/gpt-5-codex"},
        {"use_responses_api": True},
        {"model": "o1-mini"},
    ],
    ids=["reasoning", "codex", "use-responses-api", "o1"],
)
def test_row_it_is_always_chat_completions(model: Make, upstream: Upstream, options: dict[str, Any]):
    asked = model(**options)
    asked.invoke([SystemMessage("Be brief."), HumanMessage("Hello?")])
    streamed(asked)
    asked.bind_tools([SEARCH]).invoke("Hello?")
    assert {request.line.split()[1] for request in upstream.requests} == {"/api/v1/chat/completions"}
    assert upstream.requests[0].body["messages"][0]["role"] == "system"
    assert "temperature" not in upstream.requests[0].body
    assert sent(upstream)["tools"] == [SEARCH]
    assert sent(upstream).get("reasoning") == options.get("reasoning")


def test_row_max_tokens_goes_out_under_its_own_name(model: Make, upstream: Upstream):
    for name in ("max_tokens", "max_completion_tokens"):
        invoked(model(**{name: 50}))
        assert sent(upstream)["max_tokens"] == 50
        assert "max_completion_tokens" not in sent(upstream)


def test_row_unknown_parameters_of_a_call_are_sent_and_extra_body_is_merged(model: Make, upstream: Upstream):
    asked = model(extra_body={"brand_new": {"a": 1}, "provider": {"zdr": True}}, verbosity="low")
    asked.invoke("Hello?", plugins=[], logit_bias={"1": 2}, extra_body={"other": 3, "provider": {"sort": "price"}})
    expected = {"brand_new": {"a": 1}, "verbosity": "low", "plugins": [], "logit_bias": {"1": 2}, "other": 3}
    assert sent(upstream).items() >= expected.items()
    assert sent(upstream)["provider"].items() >= {"zdr": True, "sort": "price"}.items()
    assert "extra_body" not in sent(upstream)


@pytest.mark.parametrize("kind", ["system", "human", "tool"])
def test_row_cache_marks_are_kept_on_every_message(model: Make, upstream: Upstream, kind: str):
    part = {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral"}}
    talks = {
        "system": [SystemMessage([part]), HumanMessage("Q")],
        "human": [HumanMessage([part])],
        "tool": [HumanMessage("Q"), AIMessage("", tool_calls=[CALL]), ToolMessage([part], tool_call_id="call_1")],
    }
    model().invoke(talks[kind])
    contents = [message["content"] for message in sent(upstream)["messages"]]
    assert [part] in contents


def test_row_citations_are_content_blocks_and_their_wire_form_is_kept(model: Make):
    for answer in both_ways(model, "citations"):
        cited = [note for block in answer.content_blocks for note in block.get("annotations", [])]
        assert cited
        assert all(note["type"] == "citation" and note["url"].startswith("http") for note in cited)
        assert answer.additional_kwargs["annotations"][0]["type"] == "url_citation"


def test_row_pictures_are_content_blocks_and_their_wire_form_is_kept(model: Make):
    for answer in both_ways(model, "images"):
        pictures = [block for block in answer.content_blocks if block["type"] == "image"]
        assert pictures
        assert pictures[0]["mime_type"].startswith("image/")
        assert len(answer.additional_kwargs["images"]) == len(pictures)


def test_row_several_pictures_with_one_index_stay_apart(model: Make):
    images = [
        {"type": "image_url", "index": 0, "image_url": {"url": f"data:image/png;base64,{x}"}} for x in ("QQ==", "Qg==")
    ]
    recording = b"".join(data({**chunk(), **delta(images=[image])}) for image in images) + ANSWER
    for ask in (invoked, streamed):
        assert ask(model(answering(recording))).additional_kwargs["images"] == images


def test_row_a_key_for_openai_is_never_sent(model: Make, upstream: Upstream, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-SECRET-openai")
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    for nothing in ({}, {"api_key": None}, {"api_key": ""}):
        with pytest.raises(ValidationError, match="There is no OpenRouter key"):
            ChatOpenRouter(model="a/b", **nothing)
    invoked(model())
    assert "SECRET" not in str(upstream.requests[0].headers)


def test_row_an_organisation_or_project_of_openai_is_never_sent(
    model: Make, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
):
    for name in ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "SECRET")
    invoked(model())
    assert "SECRET" not in str(upstream.requests[0].headers)


def test_row_no_variable_of_others_changes_the_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANGSMITH_GATEWAY", "true")
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/v1")
    made = ChatOpenRouter(model="a/b", api_key="sk-or")
    assert made._clients.sync.config.base_url == made.openai_api_base == "https://openrouter.ai/api/v1"
    assert made.openai_proxy is None


class Person(BaseModel):
    """Somebody."""

    name: str


def test_row_structured_output_is_a_tool_call_unless_asked_otherwise(model: Make, upstream: Upstream):
    model().with_structured_output(Person).invoke("Who?")
    assert sent(upstream)["tools"][0]["function"]["name"] == "Person"
    assert "response_format" not in sent(upstream)


@pytest.mark.parametrize("given", [Person, Person.model_json_schema()], ids=["class", "schema"])
def test_row_a_schema_and_reasoning_without_index_stream(model: Make, upstream: Upstream, given: Any):
    details = data(delta(reasoning_details=[{"type": "reasoning.text", "text": "Hm."}]))
    words = data(chunk('{"name": ')) + data(chunk('"Ann"}')) + data(chunk(finish="stop")) + DONE
    asked = model(answering(details + words)).with_structured_output(given, method="json_schema")
    *_, last = asked.stream("Who?")
    assert last in (Person(name="Ann"), {"name": "Ann"})
    assert sent(upstream)["response_format"]["type"] == "json_schema"


def test_row_a_class_as_response_format_is_sent_as_its_schema(model: Make, upstream: Upstream):
    model().bind(response_format=Person).invoke("Who?")
    assert sent(upstream)["response_format"]["json_schema"]["name"] == "Person"


def test_row_tokens_are_counted_without_a_network(model: Make, monkeypatch: pytest.MonkeyPatch):
    def offline(*_: Any, **__: Any) -> Any:
        raise OSError("offline")

    monkeypatch.setattr(socket, "create_connection", offline)
    asked = model()
    picture = {"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/x.png"}}
    assert asked.get_num_tokens("12345678") == 2
    assert asked.get_num_tokens_from_messages([HumanMessage("12345678"), HumanMessage([picture])]) > 2
    with pytest.raises(NotImplementedError):
        asked.get_token_ids("text")


def test_row_two_event_loops_one_after_the_other(model: Make):
    asked = model()
    for _ in range(3):
        assert asyncio.run(asked.ainvoke("Hello?")).text == "Hello."
        assert asyncio.run(streamed_async(asked)).text == "Hello."


def test_row_two_models_alike_share_no_client_of_a_loop_that_has_ended(model: Make):
    for _ in range(2):
        assert asyncio.run(model().ainvoke("Hello?")).text == "Hello."


@pytest.mark.parametrize("comments", [b"", COMMENT], ids=["silence", "comments"])
def test_row_a_stall_ends_after_the_idle_timeout(model: Make, comments: bytes):
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
        asyncio.run(streamed_async(model(silent, idle_timeout=0.3)))


def test_row_waiting_to_ask_again_is_cut_short_by_cancelling(model: Make, upstream: Upstream):
    async def cancelled() -> float:
        task = asyncio.ensure_future(model(refusing(429, "Slow down", **{"retry-after": "20"})).ainvoke("Hello?"))
        assert await asyncio.to_thread(upstream.asked.wait, 5)
        await asyncio.sleep(0.1)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(cancelled()) < 1
    assert len(upstream.requests) == 1


def test_row_leaving_a_stream_closes_its_connection(model: Make, upstream: Upstream):
    for _ in model(falling_silent_after(data(chunk("Hel")))).stream("Hello?"):
        break
    assert upstream.connections[0].hung_up.wait(2)


def test_row_cancelling_a_task_closes_its_connection(model: Make, upstream: Upstream):
    async def cancelled() -> None:
        task = asyncio.ensure_future(streamed_async(model(falling_silent_after(data(chunk("Hel"))))))
        assert await asyncio.to_thread(upstream.asked.wait, 5)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert upstream.connections[0].hung_up.wait(2)


@pytest.mark.parametrize(
    "stream",
    [
        ANSWER.replace(b"\n", b"\r\n"),
        ANSWER.replace(b"data: ", b"data:"),
        COMMENT * 3 + ANSWER,
        ANSWER.replace(b', "', b',\ndata: "'),
    ],
    ids=["crlf", "no-space", "comments", "several-lines"],
)
def test_row_every_spelling_of_an_event_stream_is_read(model: Make, stream: bytes):
    for ask in (invoked, streamed):
        assert ask(model(answering(stream))).text == "Hello."


def test_row_the_routed_model_is_known_from_the_first_chunk(model: Make):
    first = next(model(answering(RECORDED["auto_router"]), model="openrouter/auto").stream("Hello?"))
    assert "/" in first.response_metadata["model_name"]
    assert first.response_metadata["model_name"] != "openrouter/auto"
