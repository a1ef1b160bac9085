"""Reads from upstream are gathered where many streams are read at once."""

import asyncio

import httpcore
import httpx
import pytest

from orchat.demo import DemoServer
from orchat.demo.account import DEMO_KEY
from orchat.openrouter import AsyncOpenRouterClient
from orchat.openrouter.pace import read_every


async def reads(demo: DemoServer, rest: float) -> tuple[int, str]:
    """Stream an answer; return how often the connection was read, and the text."""
    count = 0

    class Counting(httpcore.AsyncNetworkStream):
        def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
            self.write, self.aclose, self.get_extra_info = inner.write, inner.aclose, inner.get_extra_info  # type: ignore[method-assign]
            self._inner = inner

        async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
            nonlocal count
            count += 1
            return await self._inner.read(max_bytes, timeout)

    class Backend(httpcore.AnyIOBackend):
        async def connect_tcp(self, *arguments: object, **options: object) -> httpcore.AsyncNetworkStream:
            return Counting(await super().connect_tcp(*arguments, **options))  # type: ignore[arg-type]

    async with httpx.AsyncClient() as http:
        http._transport._pool._network_backend = Backend()  # type: ignore[attr-defined]
        if rest:
            read_every(http, lambda: rest)
        client = AsyncOpenRouterClient(DEMO_KEY, base_url=demo.base_url, http=http)
        reply = await client.complete([{"role": "user", "content": "Tell me about rivers"}], model="openai/gpt-5-mini")
    return count, reply.text


def test_with_a_rest_the_same_answer_comes_in_fewer_reads():
    with DemoServer() as demo:
        often, text = asyncio.run(reads(demo, 0.0))
        seldom, same = asyncio.run(reads(demo, 0.3))
    assert text
    assert len(same) == len(text)
    assert seldom < often / 2


@pytest.mark.parametrize(
    "pieces, rests",
    [
        pytest.param([b"data: token\n\n"] * 5, 4, id="tokens"),
        # Within TLS no read gives more than one record.
        pytest.param([b"x" * 16_384] * 5, 0, id="a picture in records of TLS"),
        pytest.param([b"x" * 65_536] * 5, 0, id="a picture"),
    ],
)
def test_after_a_read_that_brought_much_nobody_rests(pieces: list[bytes], rests: int, monkeypatch: pytest.MonkeyPatch):
    rested: list[float] = []

    async def sleep(seconds: float) -> None:
        rested.append(seconds)

    async def check() -> None:
        async with httpx.AsyncClient() as http:
            pool = http._transport._pool  # type: ignore[attr-defined]
            pool._network_backend = httpcore.AsyncMockBackend(list(pieces))
            read_every(http, lambda: 60)
            stream = await pool._network_backend.connect_tcp("localhost", 80)
            monkeypatch.setattr("asyncio.sleep", sleep)
            for piece in pieces:
                assert await stream.read(65_536) == piece

    asyncio.run(check())
    assert len(rested) == rests


def test_a_client_that_is_asked_to_rests_on_every_connection_that_it_makes():
    client = AsyncOpenRouterClient("key", read_every=lambda: 0.05)
    pool = client._http._transport._pool  # type: ignore[attr-defined]
    assert type(pool._network_backend).__module__ == "orchat.openrouter.pace"
    asyncio.run(client.aclose())
