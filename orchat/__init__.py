"""orchat: a private, priced front end to OpenRouter, and the library under it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from orchat.errors import (
    AuthenticationError,
    ConnectionFailedError,
    InvalidRequestError,
    NoEndpointError,
    OpenRouterError,
    OrchatError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitedError,
    SettingsError,
    StreamError,
    UpstreamError,
)

if TYPE_CHECKING:
    from orchat.openrouter import (
        Account,
        App,
        AsyncOpenRouterClient,
        AutoRouter,
        Model,
        OpenRouterClient,
        ProviderPreferences,
        RetryPolicy,
        Routing,
    )
    from orchat.reply import Reply

__version__ = "0.1.0"

__all__ = [
    "Account",
    "App",
    "AsyncOpenRouterClient",
    "AuthenticationError",
    "AutoRouter",
    "ConnectionFailedError",
    "InvalidRequestError",
    "Model",
    "NoEndpointError",
    "OpenRouterClient",
    "OpenRouterError",
    "OrchatError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "ProviderPreferences",
    "RateLimitedError",
    "Reply",
    "RetryPolicy",
    "Routing",
    "SettingsError",
    "StreamError",
    "UpstreamError",
]


def __getattr__(name: str) -> Any:
    # Imported at first use: `python -m orchat.demo` and whoever only catches errors need no HTTP client.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module("orchat.reply" if name == "Reply" else "orchat.openrouter")
    return getattr(home, name)


def __dir__() -> list[str]:
    return ["__version__", *__all__]
