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
    PluginError,
    RateLimitedError,
    SettingsError,
    StreamError,
    ToolError,
    ToolStoppedError,
    UpstreamError,
)

if TYPE_CHECKING:
    from orchat.agent.contract import Artifact, ArtifactRef, Plugin, ToolContext
    from orchat.agent.openrouter import ChatOpenRouter
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
    "Artifact",
    "ArtifactRef",
    "AsyncOpenRouterClient",
    "AuthenticationError",
    "AutoRouter",
    "ChatOpenRouter",
    "ConnectionFailedError",
    "InvalidRequestError",
    "Model",
    "NoEndpointError",
    "OpenRouterClient",
    "OpenRouterError",
    "OrchatError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "Plugin",
    "PluginError",
    "ProviderPreferences",
    "RateLimitedError",
    "Reply",
    "RetryPolicy",
    "Routing",
    "SettingsError",
    "StreamError",
    "ToolContext",
    "ToolError",
    "ToolStoppedError",
    "UpstreamError",
]

_HOMES = {
    "Reply": "orchat.reply",
    "ChatOpenRouter": "orchat.agent.openrouter",
    **dict.fromkeys(("Artifact", "ArtifactRef", "Plugin", "ToolContext"), "orchat.agent.contract"),
}


def __getattr__(name: str) -> Any:
    # Imported at first use: `python -m orchat.demo` and whoever only catches errors need no HTTP client.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "orchat.openrouter")), name)


def __dir__() -> list[str]:
    return ["__version__", *__all__]
