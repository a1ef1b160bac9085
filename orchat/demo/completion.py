"""The JSON of an answer that is not streamed, and the shape of an error in the middle of one."""

from __future__ import annotations

from typing import Any

from orchat.demo.deltas import picture_of, reasoning_details
from orchat.demo.errors import upstream_error
from orchat.demo.generation import Generation
from orchat.demo.prompt import CHARACTERS_PER_TOKEN


def _error(generation: Generation) -> dict[str, Any]:
    raw = '{"error":{"message":"The simulated provider lost its connection"}}'
    body = upstream_error(502, generation.route.provider.name, raw, "provider_unavailable").body()
    error: dict[str, Any] = body["error"]
    return error


def error_chunk(generation: Generation) -> dict[str, Any]:
    """The last chunk of a stream that failed after it began."""
    chunk = generation.chunk({"content": ""}, "error")
    chunk["choices"][0]["native_finish_reason"] = "error"
    return {**chunk, "error": _error(generation)}


def completion(generation: Generation, *, failed: bool) -> dict[str, Any]:
    """A whole answer; a failed one keeps the text that came before the error."""
    answer, maker = generation.answer, generation.route.model.maker
    visible = not generation.request.hides_reasoning
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": None}
    message["reasoning"] = (answer.reasoning or None) if visible else None
    if answer.reasoning and visible:
        message["reasoning_details"] = reasoning_details(answer.reasoning, maker)
    if annotations := answer.findings.annotations():
        message["annotations"] = annotations
    if answer.images:
        message["images"] = [picture_of(url) for url in answer.images]
    if answer.tool_calls:
        message["tool_calls"] = [{"index": i, **call.to_json()} for i, call in enumerate(answer.tool_calls)]
    choice: dict[str, Any] = {
        "index": 0,
        "logprobs": None,
        "finish_reason": answer.finish_reason,
        "native_finish_reason": generation.native_finish_reason,
        "message": message,
    }
    if failed:
        message["content"] = answer.text[: generation.completion_tokens * CHARACTERS_PER_TOKEN]
        choice |= {"finish_reason": "error", "native_finish_reason": "error", "error": _error(generation)}
    return {
        **generation.envelope("chat.completion"),
        "system_fingerprint": None,
        "service_tier": None,
        "choices": [choice],
        "usage": generation.usage(),
    }
