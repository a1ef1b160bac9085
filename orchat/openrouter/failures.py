"""From what OpenRouter answers to one of our errors: the only place that knows how its failures look.

The machine-readable cause comes first (`error.availability.code`, `metadata.limit_source`, `metadata.error_type`),
the text is the fallback, the status the last resort. Sources:
https://openrouter.ai/docs/api_reference/errors-and-debugging, …/limits, and the texts that users report.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from orchat import errors
from orchat.errors import OpenRouterError
from orchat.openrouter.waiting import retry_after

BY_AVAILABILITY: dict[str, type[OpenRouterError]] = {
    "model_not_found": errors.UnknownModelError,
    "wrong_endpoint": errors.InvalidRequestError,
    "no_endpoints": errors.NoEndpointError,
    "model_deprecated": errors.ModelRetiredError,
    "model_unavailable_upstream": errors.ModelRetiredError,
    "free_variant_ended": errors.ModelRetiredError,
    "capacity_exhausted": errors.RateLimitedError,
    "temporarily_unavailable": errors.ProviderOverloadedError,
    "region_restricted": errors.RegionRestrictedError,
    "privacy_restricted": errors.PrivacyRestrictedError,
    "constraint_filtered": errors.ParametersUnsupportedError,
}
BY_LIMIT_SOURCE: dict[str, type[OpenRouterError]] = {
    "openrouter_in_flight_budget": errors.BudgetBusyError,
    "openrouter_key_limit": errors.KeyLimitError,
    "openrouter_guardrail_budget": errors.BudgetLimitError,
    "openrouter_workspace_budget": errors.BudgetLimitError,
    "openrouter_free_tier_daily": errors.DailyFreeLimitError,
}
BY_TEXT: tuple[tuple[str, type[OpenRouterError]], ...] = (
    (r"support tool use|provided 'tool_choice'|not support tools", errors.ToolsUnsupportedError),
    (r"support image input", errors.ImagesUnsupportedError),
    (r"data policy|guardrail restrictions and data|openrouter\.ai/settings/privacy", errors.PrivacyRestrictedError),
    (r"handle the requested parameters", errors.ParametersUnsupportedError),
    (r"no allowed providers|provider\.only preference", errors.ProvidersExcludedError),
    (r"no models match your request", errors.AutoRouterExhaustedError),
    (r"not a valid model id|no endpoints found for ", errors.UnknownModelError),
    (r"maximum context length|context-compression plugin", errors.ContextLengthError),
    (r"reasoning is mandatory", errors.ReasoningMandatoryError),
    (r"free-models-per-day", errors.DailyFreeLimitError),
    (r"key limit exceeded|with a higher (\w+ )?limit|prompt tokens limit exceeded", errors.KeyLimitError),
    (r"budget limit exceeded", errors.BudgetLimitError),
    (r"insufficient credits|negative (credit )?balance", errors.InsufficientCreditsError),
    (r"fewer max_tokens|can only afford|weight_exceeds_budget", errors.MaxTokensUnaffordableError),
    (r"only management keys", errors.ManagementKeyRequiredError),
    (r"prompt injection|blocked by guardrail", errors.GuardrailError),
)
BY_ERROR_TYPE: dict[str, type[OpenRouterError]] = {
    "context_length_exceeded": errors.ContextLengthError,
    "authentication": errors.AuthenticationError,
    "payment_required": errors.InsufficientCreditsError,
    "rate_limit_exceeded": errors.RateLimitedError,
    "provider_overloaded": errors.ProviderOverloadedError,
    "provider_unavailable": errors.UpstreamError,
    "content_policy_violation": errors.ModerationError,
    "timeout": errors.RequestTimeoutError,
    "server": errors.ServerError,
    "invalid_request": errors.InvalidRequestError,
    "invalid_prompt": errors.InvalidRequestError,
    "permission_denied": errors.PermissionDeniedError,
    "not_found": errors.NoEndpointError,
}
BY_STATUS: dict[int, type[OpenRouterError]] = {
    400: errors.InvalidRequestError,
    401: errors.AuthenticationError,
    402: errors.InsufficientCreditsError,
    403: errors.PermissionDeniedError,
    404: errors.NoEndpointError,
    408: errors.RequestTimeoutError,
    413: errors.InvalidRequestError,
    422: errors.InvalidRequestError,
    429: errors.RateLimitedError,
    500: errors.ServerError,
    502: errors.UpstreamError,
    503: errors.ProviderOverloadedError,
    504: errors.RequestTimeoutError,
    524: errors.RequestTimeoutError,
    529: errors.ProviderOverloadedError,
}
LONGEST_TEXT = 2000
"""Characters of a server's message that are kept and shown."""

MISLEADING = {"Provider returned error", ""}
"""Messages that hide the cause, which then is in `metadata.raw`."""
TELLING = (
    *("constraint", "excluded_by", "affected_providers", "fallback_models"),
    *("available_providers", "requested_providers", "reasons", "flagged_input", "patterns"),
)
"""Keys of `availability` and `metadata` that say what to change, shown where the provider says nothing itself."""
NOT_OPENROUTERS = (404, 405)
"""Statuses that OpenRouter never sends without an `error` object, and that a wrong address brings."""
NARROWED = (errors.NoEndpointError, errors.ParametersUnsupportedError)
"""Errors that `excluded_by` makes more exact."""
MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def error_from(
    body: Any, *, status: int | None = None, headers: Mapping[str, str] | None = None, generation_id: str | None = None
) -> OpenRouterError:
    """Return the error that a response body (or an error chunk of a stream) stands for.

    `body` is the parsed JSON, `{"error": {...}}`, or text where it was none; it is read leniently.
    """
    told = body[0] if isinstance(body, list) and body else body
    error = told.get("error") if isinstance(told, Mapping) else None
    if not error and (status is None or status < 400 or status in NOT_OPENROUTERS):
        return _foreign(body, status)
    if not isinstance(error, Mapping):
        error = {"message": error if isinstance(error, str) else excerpt(body)}
    metadata, availability = _object(error.get("metadata")), _object(error.get("availability"))
    status = status if status is not None and status >= 400 else _status(error)
    detail = _raw_text(metadata.get("raw"))
    message = str(error.get("message") or "")
    provider = str(metadata.get("provider_name") or "") or None
    kind = _kind(error, metadata, message, detail or "", status)
    made = kind(
        _readable(message, detail, provider, kind),
        status=status,
        code=_code(error, metadata),
        provider=provider,
        detail=detail or _telling({**metadata, **availability}),
        retry_after=retry_after(headers or {}, error),
        generation_id=generation_id,
        body=body if isinstance(body, Mapping) else None,
    )
    if isinstance(made, errors.MaxTokensUnaffordableError) and (found := re.search(r"only afford (\d+)", message)):
        made.affordable_tokens = int(found[1])
    return made


def _kind(
    error: Mapping[str, Any], metadata: Mapping[str, Any], message: str, detail: str, status: int | None
) -> type[OpenRouterError]:
    availability = _object(error.get("availability"))
    if kind := BY_AVAILABILITY.get(str(availability.get("code"))):
        return _constraint(availability, kind)
    if kind := BY_LIMIT_SOURCE.get(str(metadata.get("limit_source"))):
        return kind
    if status == 403 and metadata.get("reasons"):
        return errors.ModerationError
    if status == 403 and metadata.get("patterns"):
        return errors.GuardrailError
    for pattern, kind in BY_TEXT:
        if re.search(pattern, f"{message}\n{detail}", re.IGNORECASE):
            return kind
    if metadata.get("limit_source") == "openrouter_credits":
        return errors.MaxTokensUnaffordableError
    by_type = BY_ERROR_TYPE.get(str(metadata.get("error_type") or error.get("error_type") or error.get("code")))
    by_status = BY_STATUS.get(status or 0)
    if by_type and (by_status is None or issubclass(by_type, by_status)):
        return by_type
    return by_status or by_type or (errors.ServerError if (status or 0) >= 500 else OpenRouterError)


def _constraint(availability: Mapping[str, Any], kind: type[OpenRouterError]) -> type[OpenRouterError]:
    """A filtered request says by what; providers and privacy have errors (and advice) of their own."""
    if kind not in NARROWED:
        return kind
    excluded = str(availability.get("excluded_by") or "")
    if "data_policy" in excluded:
        return errors.PrivacyRestrictedError
    if "allowed_providers" in excluded:
        return errors.ProvidersExcludedError
    if "context_length" in excluded:
        return errors.ContextLengthError
    return kind


def _status(error: Mapping[str, Any]) -> int | None:
    code = error.get("http_status") or error.get("code")
    if isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) == 3:
        code = int(code)
    if isinstance(code, int) and 400 <= code <= 599:
        return code
    # In streams the code has been a word ("server_error").
    return 500 if isinstance(code, str) and "server" in code else None


def _code(error: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    candidates = (
        _object(error.get("availability")).get("code"),
        metadata.get("limit_source"),
        metadata.get("error_type"),
        error.get("error_type"),
        error.get("code"),
    )
    return next((str(candidate) for candidate in candidates if candidate), None)


def _readable(message: str, detail: str | None, provider: str | None, kind: type[OpenRouterError]) -> str:
    if message not in MISLEADING:
        return message[:LONGEST_TEXT]
    if detail:
        return (f"{provider}: {detail}" if provider else detail)[:LONGEST_TEXT]
    return message or (kind.__doc__ or "").split("\n")[0]


def _foreign(body: Any, status: int | None) -> OpenRouterError:
    """Whoever answers 404, or a redirection, without an `error` object is not OpenRouter."""
    message = f"HTTP {status} came from something else than OpenRouter." if status else "OpenRouter does not answer so."
    return errors.MalformedResponseError(message, status=status, detail=excerpt(body) or None)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _telling(facts: Mapping[str, Any]) -> str | None:
    lines = [f"{key}: {_words(facts[key])}" for key in TELLING if facts.get(key)]
    return "; ".join(lines) or None


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return ", ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, Mapping) else str(value)


def _raw_text(raw: Any) -> str | None:
    """`metadata.raw` is text, an object, or an object as JSON text: return the sentence in it."""
    if isinstance(raw, str):
        try:
            parsed = json.loads(raw)
        except (ValueError, RecursionError):
            return raw.strip() or None
        return _raw_text(parsed) if isinstance(parsed, Mapping | list) else raw
    if isinstance(raw, list) and raw:
        return _raw_text(raw[0])
    if isinstance(raw, Mapping):
        inner = raw.get("error", raw)
        message = inner.get("message") if isinstance(inner, Mapping) else inner
        return str(message) if message else json.dumps(raw, ensure_ascii=False)
    return None


def excerpt(body: Any, limit: int = 300) -> str:
    """Return the beginning of a foreign answer as text, without the markup of an HTML page."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) if body else ""
    return re.sub(r"\s+", " ", re.sub(MARKUP, " ", text)).strip()[:limit]
