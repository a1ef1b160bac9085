"""AsyncOpenRouterClient against a loopback server: what differs from its twin, and that the rest does not."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from orchat.errors import (
    ConnectionFailedError,
    IdleTimeoutError,
    InsufficientCreditsError,
    MalformedResponseError,
    OpenRouterError,
    RateLimitedError,
    StreamTruncatedError,
)
from orchat.events import Retrying, TextDelta
from orchat.openrouter import AsyncOpenRouterClient, AsyncReplyStream, RetryPolicy, Routing
from tests.openrouter.chunks import COMMENT, DONE, QUESTION, chunk, data
from tests.openrouter.test_client import PROMPTLY, failing
from tests.openrouter.upstream import (
    Upstream,
    answering,
    cutting_off_after,
    falling_silent_after,
    hanging_up,
    saying_nothing,
)


@pytest.fixture
async def client(upstream: Upstream) -> AsyncIterator[AsyncOpenRouterClient]:
    options: dict[str, Any] = {"retry": RetryPolicy(first_delay=0.01), "idle_timeout": 0.3}
    async with AsyncOpenRouterClient("key", base_url=upstream.url, **options) as opened:
        yield opened


def ask(client: AsyncOpenRouterClient) -> AsyncReplyStream:
    return client.stream(QUESTION, model="a/b")


async def hung_up(event: threading.Event) -> bool:
    return await asyncio.to_thread(event.wait, PROMPTLY)


async def first_words(stream: AsyncReplyStream) -> None:
    async for event in stream:
        if isinstance(event, TextDelta):
            return


async def test_an_answer_is_streamed_and_collected(client: AsyncOpenRouterClient):
    async with ask(client) as stream:
        assert [event.text async for event in stream if isinstance(event, TextDelta)] == ["Hel", "lo."]
    assert stream.reply.text == "Hello."
    assert (await client.complete(QUESTION, model="a/b")).text == "Hello."


async def test_one_connection_serves_one_answer_after_the_other(client: AsyncOpenRouterClient, upstream: Upstream):
    for _ in range(3):
        await client.complete(QUESTION, model="a/b")
    await client.with_options(api_key="other").complete(QUESTION, model="a/b")
    assert len(upstream.connections) == 1
    assert upstream.requests[-1].headers["authorization"] == "Bearer other"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
async def test_a_failure_that_may_pass_is_tried_again_and_told(
    client: AsyncOpenRouterClient, upstream: Upstream, status: int
):
    upstream.answers = [failing(status)]
    events = [event async for event in ask(client)]
    assert isinstance(events[0], Retrying)
    assert TextDelta("Hel") in events


async def test_an_empty_account_is_not_asked_twice(client: AsyncOpenRouterClient, upstream: Upstream):
    upstream.answers = [failing(402, "Insufficient credits", {"retry-after": "0.05"})]
    with pytest.raises(InsufficientCreditsError):
        await client.complete(QUESTION, model="a/b")
    assert len(upstream.requests) == 1


async def test_a_wait_beyond_the_cap_is_told_and_not_waited_for(client: AsyncOpenRouterClient, upstream: Upstream):
    upstream.answers = [failing(429, headers={"retry-after": "3600"})]
    with pytest.raises(RateLimitedError, match="It failed"):
        await client.complete(QUESTION, model="a/b")


async def test_a_connection_that_is_closed_before_the_answer_is_opened_again(
    client: AsyncOpenRouterClient, upstream: Upstream
):
    upstream.answers = [hanging_up]
    assert (await client.complete(QUESTION, model="a/b")).text == "Hello."


async def test_a_request_that_was_sent_and_not_answered_is_not_repeated(
    client: AsyncOpenRouterClient, upstream: Upstream
):
    upstream.answers = [saying_nothing]
    with pytest.raises(ConnectionFailedError, match="in time"):
        await client.complete(QUESTION, model="a/b")
    assert len(upstream.requests) == 1


async def test_nothing_is_repeated_after_the_first_byte(client: AsyncOpenRouterClient, upstream: Upstream):
    upstream.answers = [cutting_off_after(COMMENT + data(chunk("Par")))]
    with pytest.raises(StreamTruncatedError) as caught:
        await client.complete(QUESTION, model="a/b")
    assert caught.value.partial_text == "Par"
    assert len(upstream.requests) == 1


async def test_a_model_that_falls_silent_is_given_up_and_its_text_kept(
    client: AsyncOpenRouterClient, upstream: Upstream
):
    upstream.answers = [falling_silent_after(data(chunk("Par")))]
    with pytest.raises(IdleTimeoutError) as caught:
        await client.complete(QUESTION, model="a/b")
    assert caught.value.partial_text == "Par"


async def test_a_server_that_keeps_the_connection_open_after_the_end_spoils_nothing(
    client: AsyncOpenRouterClient, upstream: Upstream
):
    upstream.answers = [falling_silent_after(data(chunk("Hi")) + DONE)]
    assert (await client.complete(QUESTION, model="a/b")).text == "Hi"


@pytest.mark.parametrize("leave", ["aclose", "break"])
async def test_leaving_an_answer_closes_its_connection(client: AsyncOpenRouterClient, upstream: Upstream, leave: str):
    upstream.answers = [falling_silent_after(data(chunk("Par")))]
    async with ask(client) as stream:
        await first_words(stream)
        if leave == "aclose":
            await stream.aclose()
    assert await hung_up(upstream.connections[0].hung_up)
    assert stream.reply.text == "Par"


@pytest.mark.parametrize("begun", [True, False], ids=["in_the_answer", "before_the_answer"])
async def test_cancelling_the_task_closes_the_connection_of_a_silent_model(
    client: AsyncOpenRouterClient, upstream: Upstream, begun: bool
):
    upstream.answers = [falling_silent_after(data(chunk("Par"))) if begun else saying_nothing]
    stream, heard = ask(client), asyncio.Event()

    async def read() -> None:
        async with stream:
            async for event in stream:
                if event == TextDelta("Par"):
                    heard.set()

    task = asyncio.create_task(read())
    if begun:
        await asyncio.wait_for(heard.wait(), 2)
    else:
        await asyncio.to_thread(upstream.asked.wait, 2)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert await hung_up(upstream.connections[0].hung_up)
    assert stream.reply.text == ("Par" if begun else "")


async def test_a_wait_between_attempts_can_be_cancelled(client: AsyncOpenRouterClient, upstream: Upstream):
    upstream.answers = [failing(429, headers={"retry-after": "15"})]
    stream, told = ask(client), asyncio.Event()

    async def read() -> None:
        async for event in stream:
            if isinstance(event, Retrying):
                told.set()

    task = asyncio.create_task(read())
    await asyncio.wait_for(told.wait(), 2)
    started = time.monotonic()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < PROMPTLY
    assert len(upstream.requests) == 1


async def test_a_cancelled_answer_leaves_the_client_usable(client: AsyncOpenRouterClient, upstream: Upstream):
    upstream.answers = [falling_silent_after(data(chunk("Par")))]
    async with ask(client) as stream:
        await first_words(stream)
    assert (await client.complete(QUESTION, model="a/b")).text == "Hello."


async def test_many_answers_stream_at_once(client: AsyncOpenRouterClient):
    replies = await asyncio.gather(*(client.complete(QUESTION, model="a/b") for _ in range(20)))
    assert {reply.text for reply in replies} == {"Hello."}


async def test_a_wrong_address_is_told_as_one(client: AsyncOpenRouterClient, upstream: Upstream):
    upstream.answers = [answering(b"<h1>Moved</h1>", 302, {"content-type": "text/html"})]
    with pytest.raises(MalformedResponseError):
        await client.complete(QUESTION, model="a/b")


async def test_an_error_before_the_stream_is_typed(client: AsyncOpenRouterClient, upstream: Upstream):
    upstream.answers = [failing(403, "Key limit exceeded (daily limit)")]
    with pytest.raises(OpenRouterError, match="Key limit") as caught:
        await client.complete(QUESTION, model="a/b")
    assert type(caught.value).__name__ == "KeyLimitError"


async def test_zdr_of_the_client_is_in_every_request_that_a_model_answers(
    client: AsyncOpenRouterClient, upstream: Upstream
):
    vectors = b'{"data": [{"embedding": [0.5]}]}'
    upstream.answers = [answering(), answering(vectors, headers={"content-type": "application/json"})]
    private = client.with_options(routing=Routing(zdr=True))
    await private.complete(QUESTION, model="a/b", routing=Routing(zdr=False), provider={"zdr": False})
    await private.embed(["text"], model="a/e", provider={"zdr": False})
    assert [request.body["provider"]["zdr"] for request in upstream.requests] == [True, True]
