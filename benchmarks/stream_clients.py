"""The clients whose CPU is compared, each in a process of its own.

`python stream_clients.py NAME URL` reads numbers of chunks from its input, a line each, streams an answer of so many,
and prints the seconds of CPU that took. It imports only the client that it is asked for: peers whose requirements
conflict with ours run it with the Python of their own environment.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

Client = Callable[[int], Iterator[str]]
"""Streams an answer of so many chunks and yields their texts."""
MESSAGES: Any = [{"role": "user", "content": "Hello"}]
KEY = "sk-or-v1-benchmark"


def httpx_and_json(url: str) -> Client:
    """Bare httpx: nothing is checked, nothing is kept."""
    import httpx

    http = httpx.Client()

    def stream(chunks: int) -> Iterator[str]:
        body = {"model": f"bench/{chunks}", "messages": MESSAGES, "stream": True}
        with http.stream("POST", f"{url}/chat/completions", json=body) as response:
            for line in response.iter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    yield json.loads(line[6:])["choices"][0]["delta"].get("content") or ""

    return stream


def orchat(url: str) -> Client:
    """OpenRouterClient.stream: events, the merged reply, typed errors."""
    from orchat.events import TextDelta
    from orchat.openrouter import OpenRouterClient

    client = OpenRouterClient(KEY, base_url=url)

    def stream(chunks: int) -> Iterator[str]:
        with client.stream(MESSAGES, model=f"bench/{chunks}") as events:
            for event in events:
                if isinstance(event, TextDelta):
                    yield event.text

    return stream


def orchat_async(url: str) -> Client:
    """AsyncOpenRouterClient.stream, which the pages use, on a loop of its own."""
    from orchat.events import TextDelta
    from orchat.openrouter import AsyncOpenRouterClient

    client = AsyncOpenRouterClient(KEY, base_url=url)
    loop = asyncio.new_event_loop()

    async def collect(chunks: int) -> list[str]:
        events = client.stream(MESSAGES, model=f"bench/{chunks}")
        return [event.text async for event in events if isinstance(event, TextDelta)]

    return lambda chunks: iter(loop.run_until_complete(collect(chunks)))


def openai(url: str) -> Client:
    """The openai SDK, pointed at OpenRouter as its documentation shows."""
    from openai import OpenAI, Stream

    client = OpenAI(base_url=url, api_key=KEY)

    def stream(chunks: int) -> Iterator[str]:
        events = client.chat.completions.create(model=f"bench/{chunks}", messages=MESSAGES, stream=True)
        assert isinstance(events, Stream)
        with events:
            for chunk in events:
                yield (chunk.choices[0].delta.content or "") if chunk.choices else ""

    return stream


def openrouter(url: str) -> Client:
    """OpenRouter's own SDK."""
    # Not an import statement: it is never installed where the type checker runs.
    client = import_module("openrouter").OpenRouter(api_key=KEY, server_url=url)

    def stream(chunks: int) -> Iterator[str]:
        with client.chat.send(model=f"bench/{chunks}", messages=MESSAGES, stream=True) as events:
            for chunk in events:
                yield (chunk.choices[0].delta.content or "") if chunk.choices else ""

    return stream


def chat_model(name: str, url: str) -> Callable[[int], Any]:
    """A LangChain chat model by its class's module; one for each length, which stands in the model's name."""
    kinds = {"orchat": "ChatOpenRouter", "langchain_openai": "ChatOpenAI", "langchain_openrouter": "ChatOpenRouter"}
    kind = getattr(import_module(name), kinds[name])
    return cache(lambda chunks: kind(model=f"bench/{chunks}", api_key=KEY, base_url=url))


def langchain(name: str) -> Callable[[str], Client]:
    """`stream` of a LangChain chat model."""

    def made(url: str) -> Client:
        model = chat_model(name, url)
        return lambda chunks: (chunk.text for chunk in model(chunks).stream("Hello"))

    return made


def langchain_async(name: str) -> Callable[[str], Client]:
    """`astream` of a LangChain chat model, on a loop of its own."""

    def made(url: str) -> Client:
        model, loop = chat_model(name, url), asyncio.new_event_loop()

        async def collect(chunks: int) -> list[str]:
            return [chunk.text async for chunk in model(chunks).astream("Hello")]

        return lambda chunks: iter(loop.run_until_complete(collect(chunks)))

    return made


def agent(name: str) -> Callable[[str], Client]:
    """LangChain's agent with a LangChain chat model, as orchat's turns read it: `astream`, token by token."""

    def made(url: str) -> Client:
        create_agent: Any = import_module("langchain.agents").create_agent
        model, loop = chat_model(name, url), asyncio.new_event_loop()
        agent_of = cache(lambda chunks: create_agent(model(chunks), []))

        async def collect(chunks: int) -> list[str]:
            parts = agent_of(chunks).astream({"messages": MESSAGES}, stream_mode="messages")
            return [message.text async for message, _ in parts]

        return lambda chunks: iter(loop.run_until_complete(collect(chunks)))

    return made


CLIENTS: dict[str, Callable[[str], Client]] = {
    "httpx + json": httpx_and_json,
    "orchat": orchat,
    "orchat, async": orchat_async,
    "openai SDK": openai,
    "openrouter SDK": openrouter,
    "ChatOpenRouter": langchain("orchat"),
    "ChatOpenRouter, async": langchain_async("orchat"),
    "ChatOpenAI": langchain("langchain_openai"),
    "ChatOpenAI, async": langchain_async("langchain_openai"),
    "langchain-openrouter": langchain("langchain_openrouter"),
    "langchain-openrouter, async": langchain_async("langchain_openrouter"),
    "agent, ChatOpenRouter": agent("orchat"),
    "agent, ChatOpenAI": agent("langchain_openai"),
    "agent, langchain-openrouter": agent("langchain_openrouter"),
}


def cpu_of(client: Client, chunks: int) -> float:
    """Seconds of CPU of this process for one answer.

    Raises:
        RuntimeError: chunks were lost on the way, so that the number would mean nothing.
    """
    began = time.process_time()
    received = sum(1 for text in client(chunks) if text)
    spent = time.process_time() - began
    if received != chunks:
        raise RuntimeError(f"{received} of {chunks} chunks arrived")
    return spent


def main(name: str, url: str) -> None:
    client = CLIENTS[name](url)
    # The first request pays for the connection and for lazy imports.
    cpu_of(client, 100)
    print("ready", flush=True)
    for line in sys.stdin:
        print(cpu_of(client, int(line)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
