"""How OpenRouter fails, row by row of what it documents and of what users report, and what it becomes."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat import errors
from orchat.errors import Action, OpenRouterError
from orchat.openrouter.failures import error_from

AFFORD = (
    "This request requires more credits, or fewer max_tokens. You requested up to 9000 tokens, but can only afford 812."
)


def failed(
    status: int | None, message: str = "", headers: dict[str, str] | None = None, **error: Any
) -> OpenRouterError:
    return error_from({"error": {"code": status, "message": message, **error}}, status=status, headers=headers)


TEXTS = [
    (int(status), message, getattr(errors, name))
    for status, name, message in (
        line.split("\t")
        for line in (Path(__file__).parent / "recorded" / "failures.tsv").read_text("utf-8").splitlines()
    )
]
"""Status, text and error of every failure that OpenRouter is known for."""


@pytest.mark.parametrize("status,message,kind", TEXTS)
def test_a_text_that_openrouter_sends_has_its_error(status: int, message: str, kind: type[OpenRouterError]):
    error = failed(status, message)
    assert type(error) is kind
    assert (error.status, error.message) == (status, message)
    assert failed(status, message.upper()).__class__ is kind


AVAILABILITY = [
    ("model_not_found", 400, errors.UnknownModelError),
    ("wrong_endpoint", 400, errors.InvalidRequestError),
    ("no_endpoints", 404, errors.NoEndpointError),
    ("model_deprecated", 404, errors.ModelRetiredError),
    ("model_unavailable_upstream", 404, errors.ModelRetiredError),
    ("free_variant_ended", 404, errors.ModelRetiredError),
    ("capacity_exhausted", 429, errors.RateLimitedError),
    ("temporarily_unavailable", 503, errors.ProviderOverloadedError),
    ("region_restricted", 403, errors.RegionRestrictedError),
    ("privacy_restricted", 404, errors.PrivacyRestrictedError),
    ("constraint_filtered", 404, errors.ParametersUnsupportedError),
]


@pytest.mark.parametrize("code,status,kind", AVAILABILITY)
@pytest.mark.parametrize("message", ["In words of next year.", "Insufficient credits"])
def test_the_machine_readable_cause_goes_before_the_text(
    code: str, status: int, kind: type[OpenRouterError], message: str
):
    error = failed(status, message, availability={"code": code})
    assert (type(error), error.code) == (kind, code)


@pytest.mark.parametrize(
    "code,excluded_by,kind",
    [
        ("no_endpoints", "data_policy:zdr", errors.PrivacyRestrictedError),
        ("constraint_filtered", "data_policy:training", errors.PrivacyRestrictedError),
        ("constraint_filtered", "allowed_providers", errors.ProvidersExcludedError),
        ("constraint_filtered", "context_length", errors.ContextLengthError),
        ("constraint_filtered", "max_price", errors.ParametersUnsupportedError),
        ("region_restricted", "data_policy:zdr", errors.RegionRestrictedError),
        ("temporarily_unavailable", "allowed_providers", errors.ProviderOverloadedError),
    ],
)
def test_what_excluded_the_endpoints_refines_the_cause(code: str, excluded_by: str, kind: type[OpenRouterError]):
    assert type(failed(404, "No.", availability={"code": code, "excluded_by": [excluded_by]})) is kind


def test_the_documented_spelling_without_a_code_is_read():
    error = error_from({"error": {"error_type": "not_found", "http_status": 404, "message": "No endpoint."}})
    assert (type(error), error.status, error.code) == (errors.NoEndpointError, 404, "not_found")


LIMITS = [
    (402, "openrouter_in_flight_budget", "Busy", errors.BudgetBusyError),
    (402, "openrouter_credits", "weight_exceeds_budget", errors.MaxTokensUnaffordableError),
    (402, "openrouter_credits", "In words of next year.", errors.MaxTokensUnaffordableError),
    (402, "openrouter_credits", "Insufficient credits.", errors.InsufficientCreditsError),
    (403, "openrouter_key_limit", "Budget limit exceeded", errors.KeyLimitError),
    (403, "openrouter_guardrail_budget", "Budget limit exceeded", errors.BudgetLimitError),
    (403, "openrouter_workspace_budget", "Budget limit exceeded", errors.BudgetLimitError),
    (429, "openrouter_free_tier_daily", "Rate limit exceeded", errors.DailyFreeLimitError),
]


@pytest.mark.parametrize("status,source,message,kind", LIMITS)
def test_a_limit_is_told_by_its_source(status: int, source: str, message: str, kind: type[OpenRouterError]):
    error = failed(status, message, metadata={"limit_source": source})
    assert (type(error), error.code) == (kind, source)


ERROR_TYPES = [
    ("context_length_exceeded", 400, errors.ContextLengthError),
    ("rate_limit_exceeded", 429, errors.RateLimitedError),
    ("provider_overloaded", 503, errors.ProviderOverloadedError),
    ("provider_unavailable", 502, errors.UpstreamError),
    ("content_policy_violation", 403, errors.ModerationError),
    ("timeout", 408, errors.RequestTimeoutError),
    ("server", 500, errors.ServerError),
    ("authentication", 401, errors.AuthenticationError),
    ("unmapped", 400, errors.InvalidRequestError),
]


@pytest.mark.parametrize("error_type,status,kind", ERROR_TYPES)
@pytest.mark.parametrize("told", [True, False])
def test_an_error_type_is_read_with_and_without_a_status(
    error_type: str, status: int, kind: type[OpenRouterError], told: bool
):
    error = failed(status if told else None, "In words of next year.", metadata={"error_type": error_type})
    assert type(error) is (kind if told or error_type != "unmapped" else OpenRouterError)


def test_an_error_type_may_stand_in_the_place_of_the_code():
    assert type(error_from({"error": {"code": "rate_limit_exceeded", "message": "No."}})) is errors.RateLimitedError


def test_moderation_and_guardrails_are_told_by_their_metadata():
    moderated = failed(403, "Flagged", metadata={"reasons": ["violence"], "flagged_input": "kick…"})
    blocked = failed(403, "Blocked", metadata={"patterns": ["ignore all"]})
    assert (type(moderated), type(blocked)) == (errors.ModerationError, errors.GuardrailError)
    assert moderated.detail == "reasons: violence; flagged_input: kick…"


@pytest.mark.parametrize(
    "raw",
    [
        "The model is overloaded",
        {"error": {"message": "The model is overloaded"}},
        {"error": "The model is overloaded"},
        {"message": "The model is overloaded"},
        '{"error": {"message": "The model is overloaded"}}',
        '[{"error": {"message": "The model is overloaded"}}]',
    ],
)
def test_provider_returned_error_gives_way_to_what_the_provider_said(raw: Any):
    error = failed(502, "Provider returned error", metadata={"provider_name": "Google", "raw": raw})
    assert (error.message, error.detail, error.provider) == (
        "Google: The model is overloaded",
        "The model is overloaded",
        "Google",
    )


def test_provider_returned_error_without_a_cause_stays():
    assert failed(502, "Provider returned error").message == "Provider returned error"


def test_the_cause_may_be_in_the_words_of_the_provider_only():
    raw = "prompt is too long: maximum context length is 200000"
    assert type(failed(400, "Provider returned error", metadata={"raw": raw})) is errors.ContextLengthError


def test_the_details_name_what_narrowed_the_choice():
    available = {"available_providers": ["x", "y"], "requested_providers": ["z"]}
    constraint = {"code": "constraint_filtered", "constraint": {"field": "seed", "detail": "unsupported"}}
    assert failed(404, "No.", metadata=available).detail == "available_providers: x, y; requested_providers: z"
    assert failed(404, "No.", availability=constraint).detail == "constraint: field seed, detail unsupported"


def test_how_many_tokens_are_affordable_is_read():
    error = failed(402, AFFORD)
    assert isinstance(error, errors.MaxTokensUnaffordableError)
    assert error.affordable_tokens == 812


def test_an_empty_account_a_key_limit_and_a_daily_limit_lead_to_different_places():
    empty, key, daily = (
        failed(402, "Insufficient credits"),
        failed(403, "Key limit exceeded"),
        failed(429, "free-models-per-day"),
    )
    assert Action.ADD_CREDITS in empty.actions
    assert Action.ADD_CREDITS not in key.actions
    assert Action.KEY_SETTINGS in key.actions
    assert Action.RETRY not in daily.actions


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {"retry-after": "7.0"}])
def test_retry_after_is_read_in_seconds(headers: dict[str, str]):
    assert failed(429, "Slow", headers).retry_after == 7


def test_retry_after_is_read_as_a_date():
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    assert failed(503, "Slow", {"Retry-After": date}).retry_after == pytest.approx(30, abs=2)


@pytest.mark.parametrize("inside", [True, False])
def test_the_reset_of_a_rate_limit_is_in_milliseconds(inside: bool):
    reset = {"X-RateLimit-Reset": str(int((time.time() + 20) * 1000))}
    error = failed(429, "Slow", metadata={"headers": reset}) if inside else failed(429, "Slow", reset)
    assert error.retry_after == pytest.approx(20, abs=2)


def test_retry_after_goes_before_the_reset_and_availability_may_say_it_too():
    assert failed(429, "Slow", {"Retry-After": "3", "X-RateLimit-Reset": "99999999999999"}).retry_after == 3
    assert failed(429, "Slow", availability={"code": "capacity_exhausted", "retry_after": 4}).retry_after == 4


@pytest.mark.parametrize("value", ["soon", "", "nan", "inf", "-inf", "9" * 400])
def test_a_wait_that_is_no_number_is_unknown(value: str):
    assert failed(429, "Slow", {"Retry-After": value, "X-RateLimit-Reset": value}).retry_after is None


def test_a_web_page_is_told_as_text():
    page = "<html><head><title>502 Bad Gateway</title><style>p {}</style></head><body>cloudflare<br>Ray 7</body></html>"
    error = error_from(page, status=502)
    assert (type(error), error.message) == (errors.UpstreamError, "502 Bad Gateway cloudflare Ray 7")


@pytest.mark.parametrize("body", ["", None, [], {}, {"error": None}, {"error": ""}])
def test_an_error_without_a_word_gets_one(body: Any):
    error = error_from(body, status=503)
    assert type(error) is errors.ProviderOverloadedError
    assert error.message


@pytest.mark.parametrize("body", [{"detail": "Not Found"}, "<h1>Not Found</h1>", "", None])
@pytest.mark.parametrize("status", [404, 405, 301])
def test_another_server_at_the_address_is_not_taken_for_openrouter(body: Any, status: int):
    error = error_from(body, status=status)
    assert type(error) is errors.MalformedResponseError
    assert "OPENROUTER_BASE_URL" in error.advice
    assert (error.status, str(status) in error.message) == (status, True)


def test_an_error_wrapped_in_a_list_is_found():
    assert type(error_from([{"error": {"code": 401, "message": "No."}}], status=401)) is errors.AuthenticationError


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=fields) | JSON_VALUES


BODIES = objects(
    error=objects(
        code=JSON_VALUES,
        message=JSON_VALUES,
        error_type=JSON_VALUES,
        http_status=JSON_VALUES,
        availability=objects(
            code=JSON_VALUES, excluded_by=JSON_VALUES, retry_after=JSON_VALUES, constraint=JSON_VALUES
        ),
        metadata=objects(
            raw=JSON_VALUES | JSON_VALUES.map(json.dumps),
            provider_name=JSON_VALUES,
            headers=objects(**{"retry-after": JSON_VALUES, "X-RateLimit-Reset": JSON_VALUES}),
            limit_source=JSON_VALUES,
            error_type=JSON_VALUES,
            available_providers=JSON_VALUES,
        ),
    )
)


@given(BODIES, st.none() | st.integers(100, 599))
def test_a_body_of_any_shape_becomes_one_of_our_errors(body: Any, status: int | None):
    error = error_from(body, status=status)
    assert isinstance(error, OpenRouterError)
    assert error.message.strip()
    assert error.advice
    assert error.retry_after is None or error.retry_after >= 0
