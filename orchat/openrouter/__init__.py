"""The protocol: OpenRouter's wire format, and the clients that speak it.

`sse`, `parser`, `failures`, `waiting`, `routing`, `privacy` and `request` do no I/O; `client` and `aclient` are thin
shells over them. Each name is imported at its first use: what needs no client loads no HTTP library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchat.openrouter.account import Account, Scope
    from orchat.openrouter.aclient import AsyncOpenRouterClient, AsyncReplyStream
    from orchat.openrouter.catalogue import Catalogue
    from orchat.openrouter.client import OpenRouterClient
    from orchat.openrouter.embeddings import Embeddings
    from orchat.openrouter.generation import Generation
    from orchat.openrouter.models import Endpoint, Model
    from orchat.openrouter.privacy import Uncovered, uncovered
    from orchat.openrouter.reply_stream import ReplyStream
    from orchat.openrouter.request import BASE_URL, App
    from orchat.openrouter.rerank import Ranked, Ranking
    from orchat.openrouter.routing import AutoRouter, ProviderPreferences, Routing
    from orchat.openrouter.waiting import RetryPolicy

_NAMES = {
    "account": ("Account", "Scope"),
    "aclient": ("AsyncOpenRouterClient", "AsyncReplyStream"),
    "catalogue": ("Catalogue",),
    "client": ("OpenRouterClient",),
    "reply_stream": ("ReplyStream",),
    "embeddings": ("Embeddings",),
    "generation": ("Generation",),
    "models": ("Endpoint", "Model"),
    "privacy": ("Uncovered", "uncovered"),
    "request": ("BASE_URL", "App"),
    "rerank": ("Ranked", "Ranking"),
    "routing": ("AutoRouter", "ProviderPreferences", "Routing"),
    "waiting": ("RetryPolicy",),
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}

__all__ = [
    "BASE_URL",
    "Account",
    "App",
    "AsyncOpenRouterClient",
    "AsyncReplyStream",
    "AutoRouter",
    "Catalogue",
    "Embeddings",
    "Endpoint",
    "Generation",
    "Model",
    "OpenRouterClient",
    "ProviderPreferences",
    "Ranked",
    "Ranking",
    "ReplyStream",
    "RetryPolicy",
    "Routing",
    "Scope",
    "Uncovered",
    "uncovered",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
