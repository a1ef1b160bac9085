"""What is wrong with langchain-openrouter 0.2.9, fault by fault, and is right here."""

import asyncio
import time
from typing import Any

import pytest
from langchain_core.exceptions import ModelError
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from orchat import ConnectionFailedError, OpenRouterError, RateLimitedError, UpstreamError
from orchat.errors import IdleTimeoutError
from tests.agent.openrouter.conftest import (
    JSON_TYPE,
    Make,
    both_ways,
    invoked,
    refusing,
    sent,
    streamed,
    streamed_async,
)
from tests.openrouter.chunks import ANSWER, COMMENT, DONE, RECORDED, chunk, data, delta
from tests.openrouter.upstream import Upstream, answering, saying_nothing

WAYS = pytest.mark.parametrize("ask", [invoked, streamed], ids=["invoke", "stream"])
ERRORS = sorted(name for name in RECORDED if name.startswith("error_"))


def slowly(connection: Any) -> None:
    time.sleep(1.5)
    connection.head()
    connection.send(ANSWER)
    connection.end()


def test_o1_a_slow_answer_is_waited_for_and_asked_for_once(model: Make, upstream: Upstream):
    assert invoked(model(slowly)).text == "Hello."
    assert len(upstream.requests) == 1


def test_o1_an_answer_that_did_not_come_in_time_is_not_paid_for_twice(model: Make, upstream: Upstream):
    with pytest.raises(ConnectionFailedError, match="did not answer in time"):
        invoked(model(saying_nothing, timeout=0.2))
    assert len(upstream.requests) == 1


def test_o2_a_full_moment_is_waited_out_and_asked_again(model: Make, upstream: Upstream):
    full = refusing(429, "Slow down", **{"retry-after": "0.1"})
    assert invoked(model(full, full)).text == "Hello."
    assert len(upstream.requests) == 3


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_o2_max_retries_is_a_number_of_retries(model: Make, upstream: Upstream, retries: int):
    full = refusing(429, "Slow down", **{"retry-after": "0.01"})
    with pytest.raises(RateLimitedError):
        invoked(model(*[full] * 5, max_retries=retries))
    assert len(upstream.requests) == 1 + retries


def test_o3_privacy_survives_a_price_that_is_a_number(model: Make, upstream: Upstream):
    invoked(model(openrouter_provider={"zdr": True, "max_price": {"prompt": 1, "completion": 2.5}}))
    assert sent(upstream)["provider"]["zdr"] is True
    assert sent(upstream)["provider"]["max_price"] == {"prompt": "1", "completion": "2.5"}


def test_o4_preferences_that_are_new_are_sent_and_those_of_a_call_are_added(model: Make, upstream: Upstream):
    model(openrouter_provider={"zdr": True, "brand_new_pref": 1}).invoke("Hello?", provider={"sort": "price"})
    assert sent(upstream)["provider"].items() >= {"zdr": True, "brand_new_pref": 1, "sort": "price"}.items()


@pytest.mark.parametrize(
    "reasoning", [{"max_tokens": 2000}, {"exclude": True}, {"enabled": True}, {"effort": "low", "summary": "auto"}]
)
def test_o5_every_shape_of_reasoning_is_sent(model: Make, upstream: Upstream, reasoning: dict[str, Any]):
    invoked(model(reasoning=reasoning))
    assert sent(upstream)["reasoning"] == reasoning


@pytest.mark.parametrize(
    "parameter",
    [{"route": "fallback"}, {"transforms": ["middle-out"]}, {"verbosity": "low"}, {"usage": {"include": True}}],
)
def test_o6_documented_and_new_parameters_are_sent_from_wherever_they_stand(
    model: Make, upstream: Upstream, parameter: dict[str, Any]
):
    model(**parameter).invoke("Hello?")
    model(model_kwargs=parameter).invoke("Hello?")
    model(extra_body=parameter).invoke("Hello?")
    model().invoke("Hello?", **parameter)
    model().bind(**parameter).invoke("Hello?")
    assert [request.body.items() >= parameter.items() for request in upstream.requests] == [True] * 5


@WAYS
@pytest.mark.parametrize("name", ERRORS)
def test_o7_an_error_in_mid_stream_ends_no_answer_as_if_it_were_whole(model: Make, name: str, ask: Any):
    with pytest.raises(OpenRouterError) as caught:
        ask(model(answering(RECORDED[name])))
    assert isinstance(caught.value, ModelError)
    assert caught.value.partial_text == caught.value.reply.text


def test_o7_the_part_that_had_arrived_comes_with_the_error(model: Make):
    broken = data(chunk("one ")) + data({"error": {"code": 502, "message": "Overloaded"}, **chunk(finish="error")})
    with pytest.raises(UpstreamError, match="Overloaded") as caught:
        streamed(model(answering(broken)))
    assert caught.value.partial_text == "one "


@WAYS
@pytest.mark.parametrize(
    "code",
    [502, "502", "server_error", "rate_limit_exceeded", None],
    ids=["int", "digits", "word", "other-word", "none"],
)
def test_o8_whatever_the_shape_of_an_error_it_is_its_message_that_is_raised(model: Make, ask: Any, code: Any):
    in_band = answering(data({"error": {"code": code, "message": "The provider is down"}}))
    whole = answering(b'{"error": {"code": 502, "message": "The provider is down"}}', headers=JSON_TYPE)
    for answer in (in_band, whole):
        with pytest.raises(OpenRouterError, match="The provider is down"):
            ask(model(answer, max_retries=0))


@WAYS
def test_o8_an_answer_that_finished_with_an_error_is_no_answer(model: Make, ask: Any):
    with pytest.raises(UpstreamError):
        ask(model(answering(data(chunk("Part")) + data(chunk(finish="error")) + DONE)))


SUMMARY = {"type": "reasoning.summary", "summary": "Hm.", "format": "openai-responses-v1", "index": 0}
SECRET = {"type": "reasoning.encrypted", "data": "c2VjcmV0", "id": "rs_1", "format": "openai-responses-v1", "index": 0}


def test_o9_a_summary_and_its_encrypted_twin_stay_two_and_are_sent_back(model: Make, upstream: Upstream):
    parts = [delta(reasoning_details=[detail]) for detail in (SUMMARY, {**SUMMARY, "summary": " Well."}, SECRET)]
    recording = b"".join(map(data, parts)) + ANSWER
    for ask in (invoked, streamed):
        answer = ask(model(answering(recording)))
        model().invoke([HumanMessage("Q"), answer, HumanMessage("More?")])
        echoed = sent(upstream)["messages"][1]["reasoning_details"]
        assert echoed == [{**SUMMARY, "summary": "Hm. Well."}, SECRET]


@pytest.mark.parametrize("name", ["reasoning_anthropic", "reasoning_gemini", "reasoning_openai"])
def test_o9_reasoning_is_sent_back_byte_for_byte_to_its_own_maker_only(model: Make, upstream: Upstream, name: str):
    for answer in both_ways(model, name):
        details = answer.additional_kwargs["reasoning_details"]
        maker = answer.response_metadata["model_name"].partition("/")[0]
        model(model=f"{maker}/another").invoke([HumanMessage("Q"), answer, HumanMessage("More?")])
        assert sent(upstream)["messages"][1]["reasoning_details"] == details
        assert all("format" not in detail or detail["format"].count("v1") == 1 for detail in details)
        model(model="foreign/model").invoke([HumanMessage("Q"), answer, HumanMessage("More?")])
        assert "reasoning_details" not in sent(upstream)["messages"][1]


def test_o10_provider_native_end_citations_and_pictures_arrive(model: Make):
    for answer in both_ways(model, "auto_router"):
        assert answer.response_metadata["provider"]
        assert answer.response_metadata["native_finish_reason"]
        assert answer.response_metadata["id"].startswith("gen-")
    for answer in both_ways(model, "citations"):
        assert answer.additional_kwargs["annotations"]
    for answer in both_ways(model, "images"):
        assert answer.additional_kwargs["images"]


def test_o11_the_model_that_the_auto_router_chose_is_known_before_the_first_word(model: Make):
    asked = model(answering(RECORDED["auto_router"]), model="openrouter/auto")
    first = next(asked.stream("Hello?"))
    assert first.content == ""
    assert first.response_metadata["model_name"] not in ("", "openrouter/auto")
    assert first.response_metadata["provider"]


def commenting(connection: Any) -> None:
    connection.head()
    for _ in range(60):
        connection.send(COMMENT)
        time.sleep(0.05)


def test_o12_a_stream_of_comments_only_does_not_hang(model: Make):
    with pytest.raises(IdleTimeoutError):
        streamed(model(commenting, idle_timeout=0.3))
    with pytest.raises(IdleTimeoutError):
        asyncio.run(streamed_async(model(commenting, idle_timeout=0.3)))


def test_o13_usage_in_two_chunks_with_different_costs_is_no_error(model: Make):
    parts = [data(chunk("Hi")), data(chunk(finish="stop", usage={"cost": 0.01})), data(chunk(usage={"cost": 0.02}))]
    for ask in (invoked, streamed):
        assert ask(model(answering(b"".join(parts) + DONE))).response_metadata["cost"] == 0.02


def test_o14_no_class_is_made_for_a_chunk(model: Make, monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    pydantic, new = type(BaseModel), type(BaseModel).__new__

    def counting(kind: Any, name: str, *arguments: Any, **more: Any) -> Any:
        made.append(name)
        return new(kind, name, *arguments, **more)

    def asked() -> None:
        streamed(model(answering(b"".join(data(chunk("word ")) for _ in range(200)) + ANSWER)))

    asked()
    monkeypatch.setattr(pydantic, "__new__", counting)
    asked()
    assert made == []


def test_o15_the_timeout_is_in_seconds(model: Make):
    assert invoked(model(slowly, timeout=5)).text == "Hello."
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError):
        invoked(model(saying_nothing, timeout=0.3))
    assert time.monotonic() - began < 3
