"""Errors are orchat's and LangChain's at once: whoever catches either one catches them."""

import pytest
from langchain_core import exceptions as langchain

from orchat import OpenRouterError, PaymentRequiredError, RateLimitedError, errors
from orchat.agent.openrouter.errors import both
from tests.agent.openrouter.conftest import Make, invoked, refusing, streamed, streamed_async
from tests.openrouter.chunks import RECORDED
from tests.openrouter.upstream import Upstream, answering, hanging_up

OURS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.OpenRouterError)]
TOO_LONG = "This endpoint's maximum context length is 4096 tokens. However, you requested about 9000 tokens"


@pytest.mark.parametrize("ours", OURS, ids=lambda each: each.__name__)
def test_every_class_of_ours_has_one_that_is_langchain_s_too(ours: type[OpenRouterError]):
    made = both(ours)
    assert issubclass(made, ours)
    assert issubclass(made, langchain.ModelError)
    assert made.__name__ == ours.__name__
    assert made.is_retryable == ours.retryable
    assert not issubclass(ours, langchain.ModelError), "orchat's own classes know nothing of LangChain's"


@pytest.mark.parametrize(
    "status, message, ours, theirs",
    [
        (400, "Bad.", errors.InvalidRequestError, langchain.ModelInvalidRequestError),
        (400, TOO_LONG, errors.ContextLengthError, langchain.ContextOverflowError),
        (401, "User not found.", errors.AuthenticationError, langchain.ModelAuthenticationError),
        (402, "Insufficient credits", PaymentRequiredError, langchain.ModelError),
        (403, "Forbidden", errors.PermissionDeniedError, langchain.ModelPermissionDeniedError),
        (404, "No endpoints found", errors.NoEndpointError, langchain.ModelNotFoundError),
        (408, "Timed out", errors.RequestTimeoutError, langchain.ModelTimeoutError),
        (429, "Rate limit exceeded", RateLimitedError, langchain.ModelRateLimitError),
        (502, "The provider is down", errors.UpstreamError, langchain.ModelAPIError),
    ],
)
def test_a_refusal_is_caught_by_either_name(
    model: Make, status: int, message: str, ours: type[Exception], theirs: type[Exception]
):
    for ask in (invoked, streamed):
        for kind in (ours, theirs):
            with pytest.raises(kind):
                ask(model(refusing(status, message), max_retries=0))


async def test_it_is_so_on_an_event_loop_too(model: Make):
    for kind in (RateLimitedError, langchain.ModelRateLimitError):
        with pytest.raises(kind):
            await streamed_async(model(refusing(429, "Slow down"), max_retries=0))
        with pytest.raises(kind):
            await model(refusing(429, "Slow down"), max_retries=0).ainvoke("Hello?")


def test_a_truncated_stream_and_a_lost_connection_are_errors_of_both_trees(model: Make, upstream: Upstream):
    for kind in (errors.StreamTruncatedError, langchain.ModelConnectionError):
        with pytest.raises(kind):
            streamed(model(answering(RECORDED["truncated"])))
    for kind in (errors.ConnectionFailedError, langchain.ModelConnectionError):
        with pytest.raises(kind):
            invoked(model(hanging_up, max_retries=0))


def test_a_request_that_cannot_be_sent_is_an_error_of_both_trees(model: Make):
    for kind in (errors.ZDRConflictError, langchain.ModelInvalidRequestError):
        with pytest.raises(kind):
            invoked(model(zdr=True, plugins=[{"id": "web"}]))
