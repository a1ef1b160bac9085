"""LangChain's standard suites and ours talk to the embedded OpenRouter, or to a server that plays a recording."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from orchat import ChatOpenRouter
from orchat.demo import DemoServer
from tests.openrouter.chunks import RECORDED
from tests.openrouter.upstream import Answer, Upstream, answering

Make = Callable[..., ChatOpenRouter]
JSON_TYPE = {"content-type": "application/json"}
SEARCH = {"type": "openrouter:web_search"}


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoServer]:
    with DemoServer(port=0, speed=200, record=True) as server:
        yield server


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def model(upstream: Upstream) -> Make:
    """Makes models; the first questions get the answers that are given, the next ones an ordinary one."""

    def make(*answers: Answer, **options: Any) -> ChatOpenRouter:
        upstream.answers.extend(answers)
        return ChatOpenRouter(**{"model": "maker/model", "api_key": "sk-or-test", "base_url": upstream.url, **options})

    return make


def streamed(model: ChatOpenRouter, question: Any = "Hello?", /, **options: Any) -> AIMessage:
    chunks = list(model.stream(question, **options))
    return sum(chunks[1:], chunks[0])


async def streamed_async(model: ChatOpenRouter) -> AIMessage:
    chunks = [chunk async for chunk in model.astream("Hello?")]
    return sum(chunks[1:], chunks[0])


def invoked(model: ChatOpenRouter) -> AIMessage:
    return model.invoke("Hello?")


def both_ways(make: Make, name: str) -> Iterator[AIMessage]:
    """The same recorded stream, taken whole and as it comes."""
    yield invoked(make(answering(RECORDED[name])))
    yield streamed(make(answering(RECORDED[name])))


def sent(upstream: Upstream) -> dict[str, Any]:
    """The body of the latest request."""
    return upstream.requests[-1].body


def refusing(status: int, message: str, **headers: str) -> Answer:
    body = b'{"error": {"code": %d, "message": "%s"}}' % (status, message.encode())
    return answering(body, status, {**JSON_TYPE, **headers})
