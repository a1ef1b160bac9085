"""orchat: a private, priced and pluggable front end to OpenRouter, and the library under it."""

from orchat.openrouter import (
    Account,
    App,
    AsyncOpenRouterClient,
    AutoRouter,
    Model,
    OpenRouterClient,
    ProviderPreferences,
    Routing,
)
from orchat.reply import Reply

__version__ = "0.1.0"

__all__ = [
    "Account",
    "App",
    "AsyncOpenRouterClient",
    "AutoRouter",
    "Model",
    "OpenRouterClient",
    "ProviderPreferences",
    "Reply",
    "Routing",
]
