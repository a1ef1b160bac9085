"""The protocol: OpenRouter's wire format, and the clients that speak it.

`sse`, `parser`, `failures`, `waiting`, `routing` and `request` do no I/O; `client` and `aclient` are thin shells over
them.
"""

from orchat.openrouter.account import Account, Scope
from orchat.openrouter.aclient import AsyncOpenRouterClient, AsyncReplyStream
from orchat.openrouter.catalogue import Catalogue
from orchat.openrouter.client import OpenRouterClient, ReplyStream
from orchat.openrouter.embeddings import Embeddings
from orchat.openrouter.generation import Generation
from orchat.openrouter.models import Endpoint, Model
from orchat.openrouter.request import BASE_URL, App
from orchat.openrouter.rerank import Ranked, Ranking
from orchat.openrouter.routing import AutoRouter, ProviderPreferences, Routing
from orchat.openrouter.waiting import RetryPolicy

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
]
