"""An OpenRouter that lies: whatever arrives, the answer ends with an error of ours, and memory stays bounded."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import repeat
from pathlib import Path

import pytest

from orchat.errors import OpenRouterError
from orchat.openrouter import OpenRouterClient, RetryPolicy
from tests.openrouter.upstream import Connection, Upstream

ROOT = Path(__file__).parents[2]
JSON_HEADERS = {"content-type": "application/json"}
GARBAGE: list[bytes] = [
    b"\x00\xff\xfe" * 50,
    b"data: {not json\n\n",
    b'data: "words"\n\ndata: [1, 2]\n\ndata: null\n\ndata: 1e999\n\n',
    b'data: {"choices": "none"}\n\n',
    b'data: {"choices": [null, 1, "x", []]}\n\n',
    b'data: {"choices": [{"delta": 5}]}\n\n',
    b'data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\n',
    b'data: {"choices": [{"delta": {"content": [1, null, {"type": "text", "text": 5}]}}]}\n\n',
    b'data: {"choices": [{"delta": {"tool_calls": "x", "images": 7, "annotations": {"a": 1}}}]}\n\n',
    b'data: {"choices": [{"delta": {"tool_calls": [null, {"function": 3}, {"index": "a", "id": 5}]}}]}\n\n',
    b'data: {"choices": [{"delta": {"reasoning": 1, "reasoning_details": [1, {"type": []}]}}]}\n\n',
    b'data: {"usage": "much", "id": [], "model": {}, "provider": 1, "choices": []}\n\n',
    b'data: {"usage": {"cost": "NaN", "prompt_tokens": -1, "completion_tokens": "x"}, "choices": []}\n\n',
    b'data: {"error": 1}\n\n',
    b'data: {"error": {"code": {}, "message": [], "metadata": 5}}\n\n',
    b'data: {"choices": [{"finish_reason": {"a": 1}, "delta": {}}]}\n\n',
    b"data: " + b"[" * 100_000 + b"\n\n",
    b'{"choices": [{"message": 7}]}',
    b"<html><body>Bad gateway</body></html>",
    b"",
]


PIECE = b"x" * 65_536
TEXT = json.dumps({"choices": [{"delta": {"content": PIECE.decode()}}]}).encode()
HUNDRED_MB = 1600
"""Times 64 KiB."""
FLOODS: dict[str, tuple[int, dict[str, str] | None, bytes, bytes]] = {
    "text": (200, None, b"", b"data: " + TEXT + b"\n\n"),
    "a line that never ends": (200, None, b"data: ", PIECE),
    "an event that never ends": (200, None, b"", b"data: " + PIECE + b"\n"),
    "comments": (200, None, b"", b": x\n" * 16_384),
    "one JSON text": (200, JSON_HEADERS, b'{"choices": [{"message": {"content": "', PIECE),
    "a refusal": (500, JSON_HEADERS, b'{"error": {"message": "', PIECE),
}
"""Status, headers, the beginning, and what follows 1,600 times."""


def sent(*parts: bytes) -> Callable[[Connection], None]:
    def answer(connection: Connection) -> None:
        connection.head()
        for part in parts:
            if part:
                connection.send(part)
        connection.end()

    return answer


@pytest.fixture
def ask() -> Callable[[Callable[[Connection], None]], str]:
    """Ask an upstream that answers like this, and return the text; the client tries once."""

    def ask(answer: Callable[[Connection], None]) -> str:
        with (
            Upstream([answer]) as upstream,
            OpenRouterClient(
                "sk-or-v1-x", base_url=upstream.url, retry=RetryPolicy(attempts=1), idle_timeout=5
            ) as client,
        ):
            return client.complete([{"role": "user", "content": "?"}], model="a/b").text

    return ask


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_ends_in_an_error_of_ours_or_is_left_out(ask: Callable[..., str], garbage: bytes):
    with suppress(OpenRouterError):
        assert isinstance(ask(sent(garbage)), str)
    good = b'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    with suppress(OpenRouterError):
        assert isinstance(ask(sent(good, garbage)), str)


ASKING = """
import resource, sys
from orchat.errors import OpenRouterError
from orchat.openrouter import OpenRouterClient, RetryPolicy
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
client = OpenRouterClient("sk-or-v1-x", base_url=sys.argv[1], retry=RetryPolicy(attempts=1), idle_timeout=20)
before = peak()
try:
    if sys.argv[2] == "models":
        client.models()
    else:
        client.complete([{"role": "user", "content": "?"}], model="a/b")
except OpenRouterError as error:
    print(type(error).__name__, peak() - before)
"""
MOST_MB = 400


def flood(kind: str) -> Callable[[Connection], None]:
    status, headers, beginning, piece = FLOODS[kind]

    def answer(connection: Connection) -> None:
        connection.head(status, headers)
        if beginning:
            connection.send(beginning)
        for part in repeat(piece, HUNDRED_MB):
            connection.send(part)
        connection.end()

    return answer


@pytest.mark.parametrize("what", ["completion", "models"])
@pytest.mark.parametrize("kind", FLOODS)
def test_a_hundred_megabytes_end_in_an_error_and_take_bounded_memory(kind: str, what: str):
    with Upstream([flood(kind)]) as upstream:
        command = [sys.executable, "-c", ASKING, upstream.url, what]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    error, grown = done.stdout.split()
    assert error.endswith("Error")
    assert int(grown) < MOST_MB, f"{grown} MB"
