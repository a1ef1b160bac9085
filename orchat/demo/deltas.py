"""An answer cut into the deltas of a stream, in the manner of the model's maker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchat.demo.answers import Answer
from orchat.demo.pictures import TOKENS as PICTURE_TOKENS
from orchat.demo.prompt import CHARACTERS_PER_TOKEN, count_tokens

_FORMATS = {
    "anthropic": "anthropic-claude-v1",
    "google": "google-gemini-v1",
    "openai": "openai-responses-v1",
    "x-ai": "xai-responses-v1",
}
# These makers show a summary of the thinking and hand out the rest encrypted.
_SUMMARISERS = frozenset({"openai", "x-ai"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One delta and the completion tokens that it stands for."""

    delta: dict[str, Any]
    tokens: int = 0
    reasoning_tokens: int = 0


def pieces_of(answer: Answer, maker: str, *, hide_reasoning: bool) -> Iterator[Piece]:
    """All deltas of an answer in order: reasoning, citations, then text or tool calls."""
    if hide_reasoning:
        tokens = count_tokens(answer.reasoning)
        yield from [Piece({"content": ""}, tokens, tokens)] if tokens else []
    else:
        yield from _reasoning_pieces(answer.reasoning, maker)
    for annotation in answer.findings.annotations():
        yield Piece({"content": "", "annotations": [annotation]})
    for token in _tokens(answer.text):
        yield Piece({"content": token}, 1)
    for url in answer.images:
        yield Piece({"content": "", "images": [picture_of(url)]}, PICTURE_TOKENS)
    for index, call in enumerate(answer.tool_calls):
        head = {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        yield Piece({"content": None, "tool_calls": [head]})
        for token in _tokens(call.arguments):
            fragment = {"index": index, "function": {"arguments": token}}
            yield Piece({"content": None, "tool_calls": [fragment]}, 1)


def picture_of(url: str) -> dict[str, Any]:
    """A picture as it stands in a delta and in a message."""
    return {"type": "image_url", "image_url": {"url": url}}


def reasoning_details(reasoning: str, maker: str) -> list[dict[str, Any]]:
    """The merged details of an answer that is not streamed."""
    if not reasoning:
        return []
    common = {"format": _FORMATS.get(maker, "unknown"), "index": 0}
    if maker in _SUMMARISERS:
        return [{"type": "reasoning.summary", "summary": reasoning, **common}, _encrypted(reasoning, maker)]
    detail = {"type": "reasoning.text", "text": reasoning, **common}
    if maker == "anthropic":
        return [{**detail, "signature": sign(reasoning)}]
    return [detail, _encrypted(reasoning, maker)] if maker == "google" else [detail]


def sign(reasoning: str) -> str:
    """The signature of a simulated thought: as long as a real one, worth nothing, the same for the same text."""
    return "demo" + hashlib.sha512(reasoning.encode()).hexdigest()


def _reasoning_pieces(reasoning: str, maker: str) -> Iterator[Piece]:
    if not reasoning:
        return
    kind, key = ("reasoning.summary", "summary") if maker in _SUMMARISERS else ("reasoning.text", "text")
    common = {"format": _FORMATS.get(maker, "unknown"), "index": 0}
    for token in _tokens(reasoning):
        detail = {"type": kind, key: token, **common}
        yield Piece({"content": "", "reasoning": token, "reasoning_details": [detail]}, 1, 1)
    if maker == "anthropic":
        # The signature comes last, in a fragment without text.
        signature = {"type": "reasoning.text", "signature": sign(reasoning), **common}
        yield Piece({"content": "", "reasoning": None, "reasoning_details": [signature]})
    elif maker in _SUMMARISERS or maker == "google":
        yield Piece({"content": "", "reasoning": None, "reasoning_details": [_encrypted(reasoning, maker)]})


def _encrypted(reasoning: str, maker: str) -> dict[str, Any]:
    digest = sign(reasoning)
    return {
        "type": "reasoning.encrypted",
        "data": digest,
        "id": f"rs_{digest[:24]}",
        "format": _FORMATS[maker],
        "index": 0,
    }


def _tokens(text: str) -> Iterator[str]:
    for start in range(0, len(text), CHARACTERS_PER_TOKEN):
        yield text[start : start + CHARACTERS_PER_TOKEN]
