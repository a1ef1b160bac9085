"""The embedded OpenRouter as an ASGI application."""

from __future__ import annotations

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from orchat.demo import keys, listings, oauth
from orchat.demo.chat import chat_completions
from orchat.demo.cors import AnyOrigin
from orchat.demo.embeddings import embeddings
from orchat.demo.errors import APIError
from orchat.demo.recording import Recorder
from orchat.demo.rerank import rerank
from orchat.demo.state import DemoState

logger = logging.getLogger(__name__)


async def _unknown(request: Request) -> Response:
    """The preflight question of a browser, or a route that is not here."""
    if request.method == "OPTIONS":
        allowed = {"access-control-allow-headers": "*", "access-control-allow-methods": "GET, POST, OPTIONS"}
        return Response(status_code=204, headers=allowed)
    raise HTTPException(404, "Not Found")


_ROUTES = [
    Route("/chat/completions", chat_completions, methods=["POST"]),
    Route("/embeddings", embeddings, methods=["POST"]),
    Route("/rerank", rerank, methods=["POST"]),
    Route("/models", listings.models),
    Route("/models/user", listings.user_models),
    Route("/models/count", listings.count_models),
    Route("/models/{author}/{slug}/endpoints", listings.model_endpoints),
    Route("/embeddings/models", listings.embedding_models),
    Route("/endpoints/zdr", listings.zdr_endpoints),
    Route("/providers", listings.providers),
    Route("/key", listings.key),
    Route("/auth/key", listings.key),
    Route("/auth/keys", oauth.exchange, methods=["POST"]),
    Route("/keys", keys.create, methods=["POST"]),
    Route("/keys", keys.listed),
    Route("/keys/{hash}", keys.one, methods=["GET", "PATCH", "DELETE"]),
    Route("/credits", listings.credits_left),
    Route("/generation", listings.generation),
    Route("/{path:path}", _unknown, methods=["GET", "POST", "OPTIONS"]),
]


def create_app(state: DemoState | None = None) -> Starlette:
    """The application; everything that it remembers is in `state`, which tests can look into."""
    state = state or DemoState()
    recorder = [Middleware(Recorder, records=state.requests)] if state.record else []
    app = Starlette(
        routes=[Route("/", _about), Route("/auth", oauth.authorize), Mount("/api/v1", routes=_ROUTES)],
        middleware=[*recorder, Middleware(AnyOrigin)],
        exception_handlers={
            APIError: _refuse,
            ClientDisconnect: _leave,
            HTTPException: _refuse_route,
            Exception: _fail,
        },
    )
    app.state.demo = state
    return app


async def _about(_request: Request) -> Response:
    return PlainTextResponse("This is orchat's embedded OpenRouter: every reply is simulated. The API is at /api/v1.\n")


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, APIError)
    return JSONResponse(error.body(), error.status, headers=error.headers)


async def _leave(_request: Request, _error: Exception) -> Response:
    """Whoever asked has gone before the question was read."""
    return Response(status_code=400)


async def _fail(_request: Request, error: Exception) -> Response:
    logger.error("The embedded OpenRouter failed", exc_info=error)
    body = APIError(500, "Internal Server Error", "server").body()
    return JSONResponse(body, 500)


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}"
    return await _refuse(request, APIError(error.status_code, message, "not_found"))
