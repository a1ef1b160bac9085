"""One demo without pauses for each module of tests, and a client that holds its key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from orchat.demo import DemoServer


@pytest.fixture(scope="module")
def running_demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as server:
        yield server


@pytest.fixture
def demo(running_demo: DemoServer) -> DemoServer:
    running_demo.credits = 5.0
    return running_demo


@pytest.fixture
def client(demo: DemoServer) -> Iterator[Client]:
    with Client(demo) as client:
        yield client


class Client(httpx.Client):
    """An httpx client with short ways to ask a demo something."""

    def __init__(self, demo: DemoServer) -> None:
        # Reading the certificates of the world costs 50 ms a client, and none is needed on loopback.
        headers = {"Authorization": f"Bearer {demo.api_key}"}
        super().__init__(base_url=demo.base_url, headers=headers, timeout=10, verify=False)

    def ask(self, model: str | None, content: Any = "Hello", **body: Any) -> httpx.Response:
        messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
        return self.post("/chat/completions", json={"model": model, "messages": messages, **body})

    def answer(self, model: str | None, content: Any = "Hello", **body: Any) -> dict[str, Any]:
        response = self.ask(model, content, **body)
        assert response.status_code == 200, response.text
        return response.json()

    def text(self, model: str | None, content: Any = "Hello", **body: Any) -> str:
        return self.answer(model, content, **body)["choices"][0]["message"]["content"]

    def chunks(self, model: str, content: Any = "Hello", **body: Any) -> list[dict[str, Any]]:
        return chunks_of(self.ask(model, content, stream=True, **body).text)

    def error(self, model: str | None, content: Any = "Hello", **body: Any) -> tuple[int, dict[str, Any]]:
        response = self.ask(model, content, **body)
        error = response.json()["error"]
        assert error["code"] == response.status_code
        assert error["metadata"]["error_type"]
        return response.status_code, error


def chunks_of(stream: str) -> list[dict[str, Any]]:
    events = [line.removeprefix("data: ") for line in stream.split("\n") if line.startswith("data: ")]
    return [json.loads(event) for event in events if event != "[DONE]"]


def joined(chunks: list[dict[str, Any]], key: str = "content") -> str:
    return "".join(choice["delta"].get(key) or "" for chunk in chunks for choice in chunk["choices"])
