"""An answer on its way to the client: streamed chunk by chunk, or whole, at the pace of its model."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from orchat.demo.completion import completion, error_chunk
from orchat.demo.deltas import Piece, pieces_of
from orchat.demo.demo_models import Behaviour, behaviour_of
from orchat.demo.generation import Generation
from orchat.demo.responses import ConnectionDropped

COMMENT = b": OPENROUTER PROCESSING\n\n"
DONE = b"data: [DONE]\n\n"
_COMMENT_SECONDS = 0.5
# A demo without pauses must not flood a client that waits for ever.
_SHORTEST_COMMENT_SECONDS = 0.02
_CHUNKS_BETWEEN_COMMENTS = 40


async def stream_answer(generation: Generation) -> AsyncGenerator[bytes, None]:
    """The events of a stream, comments included; whoever closes it early is billed for what was sent."""
    behaviour = behaviour_of(generation.route.model)
    finished = False
    try:
        async for comment in _comments(generation, behaviour.first_token):
            yield comment
        yield _event(generation.chunk({"content": ""}))
        async with aclosing(_paced(generation, behaviour)) as pieces:
            number = 0
            async for piece in pieces:
                number += 1
                if number % _CHUNKS_BETWEEN_COMMENTS == 0:
                    yield COMMENT
                yield _event(generation.chunk(piece.delta))
        finished = True
        async for event in _ending(generation, behaviour):
            yield event
    finally:
        generation.settle(cancelled=not finished or behaviour.ending == "comments only")


async def whole_answer(generation: Generation) -> AsyncGenerator[bytes, None]:
    """The body of an answer that is not streamed; closing the connection does not stop the bill."""
    behaviour = behaviour_of(generation.route.model)
    try:
        async for _ in _comments(generation, behaviour.first_token):
            pass
        async for _ in _paced(generation, behaviour):
            pass
        if behaviour.ending == "comments only":
            await _for_ever()
        if behaviour.ending in {"drop", "no finish"}:
            generation.settle(failed=True)
            raise ConnectionDropped
        generation.settle(failed=behaviour.ending == "error chunk")
        yield json.dumps(completion(generation, failed=behaviour.ending == "error chunk")).encode()
    finally:
        for piece in () if behaviour.tokens is not None else _unsent(generation):
            generation.count(piece)
        generation.settle()


async def _comments(generation: Generation, seconds: float) -> AsyncGenerator[bytes, None]:
    """Signs of life until the first token is due."""
    yield COMMENT
    speed = generation.state.speed
    left = seconds if seconds == float("inf") else seconds / speed if speed else 0.0
    while left > 0:
        step = min(left, _comment_pause(speed))
        await asyncio.sleep(step)
        left -= step
        if left > 0:
            yield COMMENT


def _comment_pause(speed: float) -> float:
    return max(_SHORTEST_COMMENT_SECONDS, _COMMENT_SECONDS / speed if speed else 0)


async def _paced(generation: Generation, behaviour: Behaviour) -> AsyncGenerator[Piece, None]:
    """The pieces of an answer, each when it is due, as far as the model's behaviour lets it come."""
    due = time.monotonic()
    speed = generation.state.speed
    step = 1 / behaviour.tokens_per_second / speed if speed else 0.0
    for piece in _pieces(generation):
        if behaviour.tokens is not None and generation.completion_tokens >= behaviour.tokens:
            return
        due += step * piece.tokens
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        generation.count(piece)
        yield piece


def _pieces(generation: Generation) -> list[Piece]:
    hide = generation.request.hides_reasoning
    return list(pieces_of(generation.answer, generation.route.model.maker, hide_reasoning=hide))


def _unsent(generation: Generation) -> list[Piece]:
    """The pieces that nobody waited for."""
    left, sent = [], 0
    for piece in _pieces(generation):
        sent += piece.tokens
        if sent > generation.completion_tokens:
            left.append(piece)
    return left


async def _ending(generation: Generation, behaviour: Behaviour) -> AsyncGenerator[bytes, None]:
    match behaviour.ending:
        case "error chunk":
            generation.settle(failed=True)
            yield _event(error_chunk(generation))
        case "comments only":
            async for comment in _comments(generation, float("inf")):
                yield comment
        case "drop":
            generation.settle(failed=True)
            raise ConnectionDropped
        case "finish":
            generation.settle()
            for event in _closing_events(generation):
                yield event
        case "no finish" | "error body":
            generation.settle(failed=True)


def _closing_events(generation: Generation) -> list[bytes]:
    """The finishing choice, the usage in the shape of its season, and the end mark."""
    reason = generation.answer.finish_reason
    last = generation.chunk({"content": ""}, reason)
    usage = {**last, "service_tier": None, "usage": generation.usage()}
    if generation.state.usage_shape == "no choices":
        usage["choices"] = []
    elif generation.state.usage_shape == "unfinished choice":
        usage["choices"] = generation.chunk({"content": ""})["choices"]
    return [_event(last), _event(usage), DONE]


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


async def _for_ever() -> None:
    await asyncio.Event().wait()
