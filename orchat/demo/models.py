"""A simulated model and its endpoints, and how OpenRouter's catalogue shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal
from zlib import crc32

from orchat.demo.providers import Provider

Reasoning = Literal["on request", "by default", "always"]

_SAMPLING = ("temperature", "top_p", "max_tokens", "stop", "seed", "frequency_penalty", "presence_penalty")
_NOT_TAKEN = {
    "anthropic": {"seed", "frequency_penalty", "presence_penalty"},
    "google": {"frequency_penalty", "presence_penalty"},
}
_NOT_WHILE_REASONING = {"temperature", "top_p", "stop", "frequency_penalty", "presence_penalty"}
"""What OpenAI's models that always reason do not take."""
_MODALITIES = {"t": "text", "i": "image", "f": "file", "a": "audio", "v": "video"}


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue; prices are USD per token, None where a router decides."""

    id: str
    name: str
    canonical_slug: str
    description: str
    released: date
    context_length: int
    max_output: int | None
    prompt_price: Decimal | None
    completion_price: Decimal | None
    inputs: str
    outputs: tuple[str, ...]
    tools: bool
    structured: bool
    reasoning: Reasoning | None
    providers: tuple[Provider, ...]
    expires: str | None = None
    json_mode: bool = False
    """Whether it answers with some JSON object on request, but follows no schema."""

    @property
    def maker(self) -> str:
        """The author half of the id, such as `anthropic`."""
        return self.id.partition("/")[0]

    @property
    def is_router(self) -> bool:
        """Whether it only chooses another model."""
        return self.prompt_price is None

    @property
    def zdr(self) -> bool:
        """Whether an endpoint retains nothing."""
        return any(provider.zdr for provider in self.providers)

    @property
    def input_modalities(self) -> list[str]:
        """What it reads, in OpenRouter's words."""
        return [_MODALITIES[letter] for letter in self.inputs]

    @property
    def takes_images(self) -> bool:
        """Whether image parts are understood."""
        return "i" in self.inputs

    @property
    def takes_audio(self) -> bool:
        """Whether sound is understood."""
        return "a" in self.inputs

    @property
    def takes_files(self) -> bool:
        """Whether it reads files itself."""
        return "f" in self.inputs

    @property
    def tokens_per_second(self) -> float:
        """Output speed: 60 to 100, the same each time for a model."""
        return 60 + crc32(self.id.encode()) % 41

    @property
    def supported_parameters(self) -> list[str]:
        """What the union of its endpoints understands."""
        left_out = set(_NOT_TAKEN.get(self.maker, ()))
        if self.maker == "openai" and self.reasoning == "always":
            left_out |= _NOT_WHILE_REASONING
        names = [name for name in _SAMPLING if name not in left_out]
        if self.tools:
            names += ["tools", "tool_choice", "parallel_tool_calls"]
        if self.structured:
            names += ["response_format", "structured_outputs"]
        if self.json_mode:
            names += ["response_format"]
        if self.reasoning:
            names += ["reasoning", "include_reasoning", "reasoning_effort"]
        if "/gpt-5" in self.id or "/claude-opus-4.5" in self.id or "/claude-opus-4.6" in self.id:
            names += ["verbosity"]
        return sorted(names)

    def price(self, prompt_tokens: int, completion_tokens: int) -> tuple[float, float]:
        """USD for what went in and for what came out."""
        prompt = (self.prompt_price or 0) * prompt_tokens
        completion = (self.completion_price or 0) * completion_tokens
        return float(prompt), float(completion)

    def to_json(self) -> dict[str, Any]:
        """The entry of GET /models."""
        entry: dict[str, Any] = {
            "id": self.id,
            "canonical_slug": self.canonical_slug,
            "hugging_face_id": None,
            "name": self.name,
            "created": int(datetime.combine(self.released, time(), UTC).timestamp()),
            "description": self.description,
            "context_length": self.context_length,
            "knowledge_cutoff": None,
            "expiration_date": self.expires,
            "architecture": self._architecture(),
            "pricing": self._pricing(),
            "top_provider": {
                "context_length": self.context_length,
                "max_completion_tokens": self.max_output,
                "is_moderated": self.maker in {"anthropic", "openai"},
            },
            "per_request_limits": None,
            "supported_parameters": self.supported_parameters,
            "default_parameters": {},
            "supported_voices": None,
            "links": {"details": f"/api/v1/models/{self.canonical_slug}/endpoints"},
        }
        if self.reasoning:
            entry["reasoning"] = self._reasoning_json()
        return entry

    def endpoint_json(self, provider: Provider, *, measured: bool) -> dict[str, Any]:
        """One endpoint of GET …/endpoints and GET /endpoints/zdr; speeds are shown only to who has a key."""
        # The same each time, and another for each of a model's endpoints.
        luck = crc32(f"{self.id} {provider.tag}".encode())
        speed = self.tokens_per_second * (1 - luck % 40 / 100)
        middle = 220 + luck % 700
        return {
            "name": f"{provider.name} | {self.id}",
            "model_id": self.id,
            "model_name": self.name,
            "context_length": self.context_length,
            "pricing": self._pricing(),
            "provider_name": provider.name,
            "tag": provider.tag,
            "quantization": ("unknown", "bf16", "fp8")[luck % 3],
            "max_completion_tokens": self.max_output,
            "max_prompt_tokens": None,
            "supported_parameters": self.supported_parameters,
            "status": 0,
            "uptime_last_5m": 100.0,
            "uptime_last_30m": 100 - luck % 7 / 10,
            "uptime_last_1d": 100 - luck % 31 / 10,
            "supports_implicit_caching": False,
            "latency_last_30m": {f"p{p}": middle * p // 50 for p in (50, 75, 90, 99)} if measured else None,
            "throughput_last_30m": {f"p{p}": speed - p / 5 for p in (50, 75, 90, 99)} if measured else None,
        }

    def _architecture(self) -> dict[str, Any]:
        return {
            "modality": f"{'+'.join(self.input_modalities)}->{'+'.join(self.outputs)}",
            "input_modalities": self.input_modalities,
            "output_modalities": list(self.outputs),
            "tokenizer": "Router" if self.is_router else "Other",
            "instruct_type": None,
        }

    def _pricing(self) -> dict[str, str]:
        return {"prompt": _price(self.prompt_price), "completion": _price(self.completion_price)}

    def _reasoning_json(self) -> dict[str, Any]:
        return {
            "mandatory": self.reasoning == "always",
            "supported_efforts": ["high", "medium", "low"] if self.maker == "openai" else None,
            "default_effort": "medium",
            "default_enabled": self.reasoning != "on request",
            "supports_max_tokens": self.maker in {"anthropic", "google", "qwen"},
        }


def _price(price: Decimal | None) -> str:
    return "-1" if price is None else f"{price.normalize():f}"
