"""The refusals of the models that refuse on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from orchat.demo.chat_request import ChatRequest
from orchat.demo.errors import APIError, insufficient_credits, upstream_error
from orchat.demo.models import Model
from orchat.demo.state import DemoState

AFFORDABLE_TOKENS = 200
_FLAGGED_CHARACTERS = 100


def refuse_on_purpose(state: DemoState, request: ChatRequest, model: Model) -> None:
    """Refuse in the name of a failing model.

    Raises:
        APIError: whatever that model stands for.
    """
    refusal = _REFUSALS.get(model.id)
    error = refusal(state, request, model) if refusal else None
    if error:
        raise error


def _out_of_credits(_state: DemoState, _request: ChatRequest, _model: Model) -> APIError:
    return insufficient_credits()


def _low_credits(_state: DemoState, request: ChatRequest, model: Model) -> APIError | None:
    # The real check is made before the request starts, with the longest output if no limit is named.
    wanted = request.max_tokens or model.max_output or model.context_length
    if wanted <= AFFORDABLE_TOKENS:
        return None
    message = (
        f"This request requires more credits, or fewer max_tokens. You requested up to {wanted} tokens, but can only "
        f"afford {AFFORDABLE_TOKENS}. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid "
        "account"
    )
    return APIError(402, message, "payment_required", metadata={"limit_source": "openrouter_credits"})


def _key_limit(_state: DemoState, _request: ChatRequest, _model: Model) -> APIError:
    message = "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys"
    return APIError(403, message, "permission_denied", metadata={"limit_source": "openrouter_key_limit"})


def _rate_limited(_state: DemoState, _request: ChatRequest, model: Model) -> APIError:
    return _limited_upstream(model, retry_after=30)


def _flaky(state: DemoState, request: ChatRequest, model: Model) -> APIError | None:
    session = request.session_id or json.dumps(request.body["messages"], sort_keys=True)
    if session in state.sessions_refused:
        return None
    state.sessions_refused.add(session)
    return _limited_upstream(model, retry_after=1)


def _limited_upstream(model: Model, retry_after: int) -> APIError:
    raw = (
        f"{model.id} is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate "
        "your rate limits: https://openrouter.ai/settings/integrations"
    )
    return upstream_error(429, "Demo", raw, "rate_limit_exceeded", headers={"Retry-After": str(retry_after)})


def _free_daily_limit(_state: DemoState, _request: ChatRequest, _model: Model) -> APIError:
    midnight = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    reset = str(int(midnight.timestamp() * 1000))
    limits = {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    message = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day"
    metadata = {"headers": limits, "limit_source": "openrouter_free_tier_daily"}
    return APIError(429, message, "rate_limit_exceeded", metadata=metadata, headers=limits)


def _moderated(_state: DemoState, request: ChatRequest, model: Model) -> APIError:
    metadata = {
        "reasons": ["violence"],
        "flagged_input": request.prompt.question[:_FLAGGED_CHARACTERS],
        "provider_name": "Demo",
        "model_slug": model.id,
    }
    message = f"{model.id} requires moderation on Demo. Your input was flagged for violence."
    return APIError(403, message, "content_policy_violation", metadata=metadata)


def _provider_error(_state: DemoState, _request: ChatRequest, _model: Model) -> APIError:
    raw = json.dumps(
        {"error": {"code": 500, "message": "The simulated provider ran out of luck", "status": "INTERNAL"}}
    )
    return upstream_error(502, "Demo", raw, "provider_unavailable")


def _overloaded(_state: DemoState, _request: ChatRequest, model: Model) -> APIError:
    availability = {
        "code": "temporarily_unavailable",
        "retryable": True,
        "retry_after": 5,
        "requested_models": [model.id],
        "docs_url": "https://openrouter.ai/docs/errors#temporarily_unavailable",
    }
    message = "No provider for this model is available right now. Please try again shortly."
    headers = {"Retry-After": "5"}
    return APIError(503, message, "provider_overloaded", availability=availability, headers=headers)


_REFUSALS: dict[str, Callable[[DemoState, ChatRequest, Model], APIError | None]] = {
    "demo/out-of-credits": _out_of_credits,
    "demo/low-credits": _low_credits,
    "demo/key-limit": _key_limit,
    "demo/rate-limited": _rate_limited,
    "demo/flaky": _flaky,
    "demo/free-daily-limit": _free_daily_limit,
    "demo/moderated": _moderated,
    "demo/provider-error": _provider_error,
    "demo/overloaded": _overloaded,
}
