import pytest

from orchat import errors
from orchat.errors import ConnectionFailedError, OpenRouterError
from orchat.openrouter.waiting import RetryPolicy

POLICY = RetryPolicy(attempts=3, first_delay=1.0, max_delay=20.0)
REPEATED = [
    *(errors.RateLimitedError, errors.UpstreamError, errors.ServerError),
    *(errors.ProviderOverloadedError, errors.BudgetBusyError, errors.ConnectionFailedError),
]
NOT_REPEATED = [
    *(errors.DailyFreeLimitError, errors.InsufficientCreditsError, errors.MaxTokensUnaffordableError),
    *(errors.PaymentRequiredError, errors.KeyLimitError, errors.AuthenticationError, errors.InvalidRequestError),
    *(errors.NoEndpointError, errors.PrivacyRestrictedError, errors.IdleTimeoutError, errors.StreamTruncatedError),
]


@pytest.mark.parametrize(("status", "repeated"), [(408, True), (504, False), (524, False), (None, False)])
def test_a_timeout_behind_openrouter_is_not_repeated_since_it_may_be_billed(status: int | None, repeated: bool):
    error = errors.RequestTimeoutError("It took too long.", status=status)
    assert (POLICY.delay(error, 1) is not None) == repeated


@pytest.mark.parametrize("kind", REPEATED)
def test_what_may_pass_is_tried_again(kind: type[OpenRouterError]):
    assert POLICY.delay(kind("It failed."), 1) is not None


@pytest.mark.parametrize("kind", NOT_REPEATED)
def test_what_will_not_pass_is_not_tried_again(kind: type[OpenRouterError]):
    assert POLICY.delay(kind("It failed.", retry_after=1.0), 1) is None


def test_a_request_that_may_have_been_billed_is_not_repeated():
    error = ConnectionFailedError("It did not answer in time.")
    error.sent = True
    assert POLICY.delay(error, 1) is None


def test_attempts_are_counted():
    error = errors.ServerError("It failed.")
    assert [POLICY.delay(error, attempt) is None for attempt in (1, 2, 3)] == [False, False, True]


def test_waits_double_with_jitter_up_to_the_cap():
    error, patient = errors.ServerError("It failed."), RetryPolicy(attempts=99, first_delay=1.0, max_delay=20.0)
    for attempt, expected in ((1, 1), (2, 2), (3, 4)):
        assert patient.delay(error, attempt) == pytest.approx(expected, rel=0.26)
    assert patient.delay(error, 30) == 20.0


def test_a_wait_that_is_asked_for_is_kept_to_exactly_and_one_beyond_the_cap_is_not_waited_for():
    assert POLICY.delay(errors.RateLimitedError("Slow.", retry_after=19.5), 1) == 19.5
    assert POLICY.delay(errors.RateLimitedError("Slow.", retry_after=20.5), 1) is None


def test_a_wait_of_nothing_is_no_leave_to_hammer():
    delay = POLICY.delay(errors.RateLimitedError("Slow.", retry_after=0.0), 1)
    assert delay is not None
    assert delay > 0.5
