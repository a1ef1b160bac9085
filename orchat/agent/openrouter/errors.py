"""Errors that are orchat's and LangChain's at once: code that catches either one works."""

from collections.abc import Iterator
from contextlib import contextmanager

from langchain_core import exceptions as langchain

from orchat import errors

COUNTERPARTS: dict[type[errors.OrchatError], type[langchain.ModelError]] = {
    errors.ContextLengthError: langchain.ContextOverflowError,
    errors.UnknownModelError: langchain.ModelNotFoundError,
    errors.InvalidRequestError: langchain.ModelInvalidRequestError,
    errors.AuthenticationError: langchain.ModelAuthenticationError,
    errors.PermissionDeniedError: langchain.ModelPermissionDeniedError,
    errors.NoEndpointError: langchain.ModelNotFoundError,
    errors.RateLimitedError: langchain.ModelRateLimitError,
    errors.RequestTimeoutError: langchain.ModelTimeoutError,
    errors.IdleTimeoutError: langchain.ModelTimeoutError,
    errors.UpstreamError: langchain.ModelAPIError,
    errors.ConnectionFailedError: langchain.ModelConnectionError,
    errors.StreamTruncatedError: langchain.ModelConnectionError,
    errors.StreamError: langchain.ModelAPIError,
    # What orchat itself refuses, for a budget or a rule, is refused again the next time.
    errors.OrchatError: langchain.ModelError,
}
"""LangChain's class for each of ours that has one. The nearest ancestor counts; 402 has none of its own there."""

_MADE: dict[type[errors.OrchatError], type[errors.OrchatError]] = {}


@contextmanager
def translated() -> Iterator[None]:
    """Raise what fails inside as an error of both trees, with all that it knows."""
    try:
        yield
    except errors.OrchatError as error:
        # The same object: the partial answer, the cause and the traceback stay where they are.
        error.__class__ = both(type(error))
        raise


def both(ours: type[errors.OrchatError]) -> type[errors.OrchatError]:
    """Return the class that is `ours` and LangChain's counterpart; it has the name of ours."""
    if issubclass(ours, langchain.ModelError):
        return ours
    if ours not in _MADE:
        _MADE[ours] = _combined(ours)
    return _MADE[ours]


def _combined(ours: type[errors.OrchatError]) -> type[errors.OrchatError]:
    theirs = next(COUNTERPARTS[ancestor] for ancestor in ours.__mro__ if ancestor in COUNTERPARTS)
    about = {"__module__": ours.__module__, "__doc__": ours.__doc__, "is_retryable": getattr(ours, "retryable", False)}
    return type(ours.__name__, (ours, theirs), about)
