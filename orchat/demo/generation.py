"""One generation while it runs: what was sent so far, what that costs, how its chunks look."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any

from orchat.demo.answers import Answer
from orchat.demo.chat_request import ChatRequest
from orchat.demo.deltas import Piece
from orchat.demo.demo_models import on_own_key
from orchat.demo.made_keys import MadeKey
from orchat.demo.routing import Route
from orchat.demo.state import DemoState

_NATIVE_REASONS = {
    "anthropic": {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"},
    "google": {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP"},
    "openai": {"stop": "completed", "length": "max_output_tokens", "tool_calls": "completed"},
}


OWN_KEY_FEE = 0.05


def new_id() -> str:
    """An id as generations have them."""
    return f"gen-{int(time.time())}-{token_urlsafe(12)}"


@dataclass
class Generation:
    """The answer to one request, on its way; `completion_tokens` counts what was sent."""

    state: DemoState
    request: ChatRequest
    route: Route
    answer: Answer
    paying: MadeKey | None = None
    """The key with a limit of its own that it goes against."""
    id: str = field(default_factory=new_id)
    created: int = field(default_factory=lambda: int(time.time()))
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    _started: float = field(default_factory=time.monotonic)
    _first_token: float | None = None
    _billed: bool = False

    @property
    def prompt_tokens(self) -> int:
        """Tokens of messages and tools."""
        return self.request.prompt.tokens + self.request.prompt.tool_tokens

    @property
    def native_finish_reason(self) -> str:
        """The finish reason in the words of the provider."""
        return _NATIVE_REASONS.get(self.route.model.maker, {}).get(self.answer.finish_reason, self.answer.finish_reason)

    @property
    def costs(self) -> tuple[float, float]:
        """USD for prompt and completion; nothing at all for an answer without a token."""
        if not self.completion_tokens:
            return 0.0, 0.0
        return self.route.model.price(self.prompt_tokens, self.completion_tokens)

    @property
    def own_key(self) -> bool:
        """Whether a provider key of the caller's own pays for it."""
        return on_own_key(self.route.model)

    @property
    def total_cost(self) -> float:
        """USD for everything, what its server tools did included."""
        return sum(self.costs) + (self.answer.findings.cost if self.completion_tokens else 0.0)

    @property
    def charged(self) -> float:
        """USD that OpenRouter takes: all of it, or its fee."""
        return self.total_cost * (OWN_KEY_FEE if self.own_key else 1)

    def count(self, piece: Piece) -> None:
        """Note that a piece was sent."""
        self._first_token = self._first_token or time.monotonic()
        self.completion_tokens += piece.tokens
        self.reasoning_tokens += piece.reasoning_tokens

    def settle(self, *, cancelled: bool = False, failed: bool = False) -> None:
        """Bill what was sent, once, and make the generation known to GET /generation."""
        if not self._billed:
            self._billed = True
            self.state.account.bill(self.charged, self._record(cancelled=cancelled, failed=failed))
            if self.paying is not None:
                self.paying.used += self.charged

    def envelope(self, kind: str) -> dict[str, Any]:
        """The keys that every chunk and every whole answer begins with."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.route.model.canonical_slug,
            "provider": self.route.provider.name,
        }

    def chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        """One chunk; the role is on each of them."""
        native = self.native_finish_reason if finish_reason else None
        choice = {
            "index": 0,
            "delta": {"role": "assistant", **delta},
            "finish_reason": finish_reason,
            "native_finish_reason": native,
            "logprobs": None,
        }
        return {**self.envelope("chat.completion.chunk"), "choices": [choice]}

    def usage(self) -> dict[str, Any]:
        """Tokens and money so far."""
        prompt_cost, completion_cost = self.costs
        searched = {"server_tool_use_details": self.answer.findings.usage()} if self.answer.findings.searches else {}
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "cost": self.charged,
            "is_byok": self.own_key,
            "prompt_tokens_details": {
                "cached_tokens": 0,
                "cache_write_tokens": 0,
                "audio_tokens": 0,
                "video_tokens": 0,
            },
            "cost_details": {
                "upstream_inference_cost": prompt_cost + completion_cost,
                "upstream_inference_prompt_cost": prompt_cost,
                "upstream_inference_completions_cost": completion_cost,
            },
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning_tokens,
                "image_tokens": 0,
                "audio_tokens": 0,
            },
            **searched,
        }

    def _record(self, *, cancelled: bool, failed: bool) -> dict[str, Any]:
        now = time.monotonic()
        complete = not cancelled and not failed
        return {
            "id": self.id,
            "api_type": "completions",
            "model": self.route.model.canonical_slug,
            "provider_name": self.route.provider.name,
            "router": self.route.router,
            "created_at": datetime.fromtimestamp(self.created, UTC).isoformat(),
            "total_cost": self.charged,
            "usage": self.charged,
            "upstream_inference_cost": sum(self.costs) if self.own_key else None,
            "cache_discount": None,
            "is_byok": self.own_key,
            "tokens_prompt": self.prompt_tokens,
            "tokens_completion": self.completion_tokens,
            "native_tokens_prompt": self.prompt_tokens,
            "native_tokens_completion": self.completion_tokens,
            "native_tokens_reasoning": self.reasoning_tokens,
            "native_tokens_cached": 0,
            "native_tokens_completion_images": 0,
            "latency": round(((self._first_token or now) - self._started) * 1000),
            "generation_time": round((now - self._started) * 1000),
            "moderation_latency": None,
            "streamed": self.request.stream,
            "cancelled": cancelled,
            "finish_reason": self.answer.finish_reason if complete else None,
            "native_finish_reason": self.native_finish_reason if complete else None,
            "provider_responses": [],
            "service_tier": None,
            "data_region": "global",
            "session_id": self.request.session_id,
            "upstream_id": None,
            "origin": self.request.headers.get("http-referer", ""),
            "user_agent": self.request.headers.get("user-agent"),
            "external_user": self.request.body.get("user"),
        }
