"""Every kind of request of both clients is entered: whoever asks, and however it ends."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.errors import BudgetReachedError, OpenRouterError
from orchat.events import TextDelta
from orchat.ledger import Ledger
from orchat.openrouter import AsyncOpenRouterClient, OpenRouterClient, RetryPolicy
from orchat.openrouter.traced import TracedBooks
from orchat.store import Call, Store

ASKED = [{"role": "user", "content": "Explain rainbows"}]
EMBEDDER, RERANKER = "openai/text-embedding-3-small", "cohere/rerank-v3.5"
ONCE = RetryPolicy(attempts=1)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=20) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


@pytest.fixture
def client(demo: DemoServer, store: Store) -> Iterator[OpenRouterClient]:
    books = Ledger(store, "ann", "chat")
    with OpenRouterClient(demo.api_key, base_url=demo.base_url, retry=ONCE, books=books) as client:
        yield client


def entered(store: Store) -> Call:
    [call] = store.calls_of("ann", "chat")
    return call


def test_a_stream_without_an_event_loop_is_entered_with_its_cost(client: OpenRouterClient, store: Store):
    reply = client.complete(ASKED, model="demo/fast")
    call = entered(store)
    assert reply.usage is not None
    assert (call.state, call.cost, call.generation_id) == ("done", reply.usage.cost, reply.id)
    assert call.first_token_ms is not None
    assert call.reserved is None


def test_one_that_is_given_up_is_entered_as_stopped_and_can_be_looked_up(client: OpenRouterClient, store: Store):
    with client.stream(ASKED, model="demo/long") as stream:
        next(event for event in stream if isinstance(event, TextDelta))
    call = entered(store)
    assert (call.state, call.cost) == ("stopped", None)
    assert store.unsettled_calls() == [call]


async def test_one_that_is_given_up_before_a_word_came_may_have_cost_something_and_keeps_what_is_reserved(store: Store):
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1"
        books = TracedBooks(Ledger(store, "ann", "chat"))
        async with AsyncOpenRouterClient("sk-or-v1-test", base_url=address, retry=ONCE, books=books) as client:
            asking = asyncio.create_task(client.complete(ASKED, model="demo/fast"))
            await asked.wait()
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
    call = entered(store)
    assert (call.state, call.generation_id, call.cost) == ("stopped", None, None)
    assert call.reserved


def test_one_that_is_refused_costs_nothing_and_reserves_nothing(client: OpenRouterClient, store: Store):
    with pytest.raises(OpenRouterError):
        client.complete(ASKED, model="demo/out-of-credits")
    assert (entered(store).state, entered(store).reserved) == ("refused", None)


def test_what_a_budget_does_not_cover_is_not_sent(client: OpenRouterClient, store: Store, demo: DemoServer):
    store.set_user_limits("ann", "0")
    before = len(demo.requests)
    for ask in (
        lambda: client.complete(ASKED, model="demo/fast"),
        lambda: client.embed(["text"], model=EMBEDDER),
        lambda: client.rerank("query", ["text"], model=RERANKER),
    ):
        with pytest.raises(BudgetReachedError):
            ask()
    assert len(demo.requests) == before
    assert store.calls_of("ann", "chat") == []


async def test_vectors_and_rankings_on_an_event_loop_are_entered_too(demo: DemoServer, store: Store):
    books = Ledger(store, "ann", "chat", kind="embedding")
    async with AsyncOpenRouterClient(demo.api_key, base_url=demo.base_url, books=books) as client:
        found = await client.embed(["text"], model=EMBEDDER)
        ranking = await client.rerank("query", ["text"], model=RERANKER)
    costs = [call.cost for call in store.calls_of("ann", "chat")]
    assert costs == [found.usage.cost, ranking.usage.cost]
    assert all(costs)
