"""orchat: a private, priced and pluggable front end to OpenRouter, and the library under it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    # Imported at first use: `python -m orchat.demo` needs no client, and the app no LangChain.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module("orchat.reply" if name == "Reply" else "orchat.openrouter")
    return getattr(home, name)
