"""A turn may cost so much and no more, also where a cost comes late, or not at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from orchat.agent.limits import BESIDE, STEP, Meter
from orchat.errors import SpendingLimitError
from orchat.openrouter import AsyncOpenRouterClient
from orchat.runs import Run
from tests.agent.conftest import OWNER, Workshop
from tests.openrouter.chunks import DONE, chunk, data, delta
from tests.openrouter.upstream import Answer, Upstream, answering

CALLS = [{"index": 0, "id": "", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 1}'}}]
UNPRICED_CALL = data({**chunk(), **delta(tool_calls=CALLS)}) + data(chunk(finish="tool_calls")) + DONE
SAID = data(chunk("Done.")) + data(chunk(finish="stop", usage={"cost": 0.01})) + DONE


def booked(cost: float | None) -> Answer:
    body = json.dumps({"data": {"id": "gen-1", "total_cost": cost}}).encode()
    return answering(body, headers={"content-type": "application/json"})


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


def asked(shop: Workshop, upstream: Upstream, *answers: Answer, **options: Any) -> Run:
    """A turn against a server that says what it is told to."""
    upstream.answers.extend(answers)
    client, shop.client = shop.client, AsyncOpenRouterClient("sk-or-test", base_url=upstream.url)
    try:
        return shop.do("Add.", model="maker/model", **options)
    finally:
        shop.runs.submit(shop.client.aclose()).result(5)
        shop.client = client


def test_a_cost_that_came_late_counts(shop: Workshop, upstream: Upstream):
    run = asked(shop, upstream, answering(UNPRICED_CALL), booked(0.6), max_cost=Decimal("0.5"))
    assert isinstance(run.error, SpendingLimitError)
    assert "has spent $0.6000" in run.error.message
    assert [request.line.split()[0] for request in upstream.requests][:2] == ["POST", "GET"]


def test_a_turn_goes_on_when_the_cost_that_came_late_is_within_its_limit(shop: Workshop, upstream: Upstream):
    run = asked(shop, upstream, answering(UNPRICED_CALL), booked(0.1), answering(SAID), max_cost=Decimal("0.5"))
    assert run.state == "done"
    assert shop.branch()[-1].text == "Done."


def test_a_limit_that_cannot_be_kept_ends_the_turn(shop: Workshop, upstream: Upstream):
    run = asked(shop, upstream, answering(UNPRICED_CALL), booked(None), booked(None), max_cost=Decimal("0.5"))
    assert isinstance(run.error, SpendingLimitError)
    assert "does not say what a call of this turn cost" in run.error.message
    assert sum(request.line.startswith("POST") for request in upstream.requests) == 1


def test_without_a_limit_nothing_is_looked_up_before_the_end(shop: Workshop, upstream: Upstream):
    run = asked(shop, upstream, answering(UNPRICED_CALL), answering(SAID), max_cost=None)
    assert run.state == "done"
    assert [request.line.split()[0] for request in upstream.requests][:2] == ["POST", "POST"]


def test_calls_that_an_upstream_numbers_anew_in_each_answer_are_kept_apart(shop: Workshop, upstream: Upstream):
    priced = UNPRICED_CALL.replace(
        b'"finish_reason": "tool_calls"}]', b'"finish_reason": "tool_calls"}], "usage": {"cost": 0.01}'
    )
    run = asked(shop, upstream, answering(priced), answering(priced), answering(SAID))
    assert run.state == "done"
    assert [message.role for message in shop.branch()] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "tool",
        "assistant",
    ]
    assert shop.results() == ["2", "2"]
    sent = upstream.requests[2].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "assistant", "tool"]


def answered(cost: float | None) -> LLMResult:
    about = {"id": "gen-1", **({} if cost is None else {"cost": cost})}
    return LLMResult(generations=[[ChatGeneration(message=AIMessage("Hi", response_metadata=about))]])


async def test_what_is_asked_beside_the_steps_counts_and_is_told_apart():
    meter = Meter()
    await meter.on_llm_end(answered(0.25), tags=[STEP])
    await meter.on_llm_end(answered(0.5), tags=["summary"])
    await meter.on_llm_end(answered(None))
    assert (meter.spent, meter.beside, meter.unpriced) == (Decimal("0.75"), Decimal("0.5"), ["gen-1"])


def test_what_was_asked_beside_the_steps_is_not_forgotten_over_an_approval(shop: Workshop):
    shop.do('call book {"city": "Paris"}\nsay Done.')
    *_, waiting = shop.branch()
    assert waiting.details is not None
    assert Decimal(waiting.details[BESIDE]) == 0
    shop.store.save_message(OWNER, replace(waiting, details={**waiting.details, BESIDE: "0.75"}))
    assert Meter(shop.branch()).spent == Decimal("0.75") + (waiting.cost or 0)
