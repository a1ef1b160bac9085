"""`openrouter/auto` and `openrouter/free`: which model answers, visibly by the kind of prompt."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from orchat.demo.catalogue import FREE, Catalogue
from orchat.demo.chat_request import ChatRequest
from orchat.demo.endpoints import check_abilities, select_endpoints
from orchat.demo.errors import APIError, no_endpoints
from orchat.demo.kinds import Kind, kind_of
from orchat.demo.models import Model

# What suits a kind of prompt, best first; patterns, so that restrictions leave a second choice.
_SUITABLE: dict[Kind, tuple[str, ...]] = {
    "code": ("qwen/qwen3-coder", "openai/gpt-5.2-codex", "anthropic/claude-sonnet-4.6", "*code*", "*devstral*"),
    "maths": ("openai/o4-mini", "deepseek/deepseek-r1-0528", "google/gemini-2.5-pro", "*think*", "openai/o*"),
    "comparison": ("google/gemini-3-flash-preview", "anthropic/claude-haiku-4.5", "*flash*"),
    "writing": ("anthropic/claude-sonnet-4.6", "anthropic/*", "mistralai/*"),
    "explanation": ("anthropic/claude-haiku-4.5", "google/gemini-2.5-flash", "*mini*"),
    "greeting": ("openai/gpt-5-nano", "google/gemini-2.5-flash-lite", "meta-llama/*"),
    "conversation": ("google/gemini-2.5-flash-lite", "openai/gpt-4.1-nano", "meta-llama/*"),
}
_TIERS = ("low", "medium", "high", "xhigh", "max")


def choose_automatically(catalogue: Catalogue, request: ChatRequest, router: str) -> Model:
    """The model that a router picks for a request.

    Raises:
        APIError: 404, when the restrictions leave none.
    """
    pool = [model for model in catalogue.values() if _fits(model, request, free=router == FREE)]
    pool = _restricted(pool, request)
    if not pool:
        raise no_endpoints("No models match your request and model restrictions", router)
    pinned = _pinned(pool, request)
    if pinned:
        return pinned
    patterns = _SUITABLE[kind_of(request.prompt.question)]
    suitable = (model for pattern in patterns for model in pool if fnmatchcase(model.id, pattern))
    return next(suitable, min(pool, key=_cost))


def _fits(model: Model, request: ChatRequest, *, free: bool) -> bool:
    if not model.providers or model.maker == "demo" or model.id.endswith(":free") != free:
        return False
    try:
        check_abilities(model, request)
        select_endpoints(model, request)
    except APIError:
        return False
    return True


def _restricted(pool: Sequence[Model], request: ChatRequest) -> list[Model]:
    options = request.plugin("auto-router")
    allowed = options.get("allowed_models") or ["*"]
    excluded = options.get("excluded_models") or []
    kept = [model for model in pool if _matches(model, allowed) and not _matches(model, excluded)]
    tier = options.get("cost_tier") or _legacy_tier(options.get("cost_quality_tradeoff"))
    return _band(kept, tier) if tier in _TIERS else kept


def _matches(model: Model, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(model.id, pattern) for pattern in patterns)


def _legacy_tier(tradeoff: float | None) -> str | None:
    """The tier that the older 0 (best) to 10 (cheapest) stands for."""
    return None if tradeoff is None else _TIERS[min(4, int((10 - tradeoff) / 2))]


def _band(pool: list[Model], tier: str) -> list[Model]:
    """A fifth of the pool by price: a band and not a ceiling, so cheaper models are left out too."""
    ranked = sorted(pool, key=_cost)
    place, size = _TIERS.index(tier), len(ranked)
    return ranked[place * size // 5 : max(place * size // 5 + 1, (place + 1) * size // 5)]


def _pinned(pool: Sequence[Model], request: ChatRequest) -> Model | None:
    """The model named on the latest assistant message, if `pin_model` asks for it."""
    if not request.plugin("auto-router").get("pin_model"):
        return None
    answers = [message for message in request.prompt.messages if message.get("role") == "assistant"]
    named = answers[-1].get("model") if answers else None
    return next((model for model in pool if named in {model.id, model.canonical_slug}), None)


def _cost(model: Model) -> float:
    return float((model.prompt_price or 0) + (model.completion_price or 0))
