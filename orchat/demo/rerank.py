"""POST /rerank: documents by how many of the query's words stand in them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from orchat.demo.account import require_inference_key
from orchat.demo.body import read_json
from orchat.demo.chat_request import ChatRequest, check_provider
from orchat.demo.embeddings import model_that_gives
from orchat.demo.endpoints import select_endpoints
from orchat.demo.errors import bad_request
from orchat.demo.generation import new_id
from orchat.demo.prompt import count_tokens, words_of
from orchat.demo.shapes import PROVIDER, check_shape
from orchat.demo.state import DemoState


async def rerank(request: Request) -> JSONResponse:
    """Sort documents by how well they answer a query."""
    state: DemoState = request.app.state.demo
    require_inference_key(request.headers)
    paying = state.made_keys.admit(request.headers)
    body = await read_json(request)
    query, documents, top = _asked(body)
    model = model_that_gives(state.catalogue, body, "rerank")
    check_shape(body.get("provider"), PROVIDER, "provider")
    check_provider(body.get("provider"))
    providers = select_endpoints(model, ChatRequest({"messages": [], **body}, request.headers))
    tokens = sum(count_tokens(text) for text in (query, *documents))
    cost = sum(model.price(tokens, 0))
    state.account.credits -= cost
    if paying is not None:
        paying.used += cost
    scores = sorted(((_score(query, text), place) for place, text in enumerate(documents)), key=lambda s: (-s[0], s[1]))
    results = [
        {"index": place, "relevance_score": score, "document": {"text": documents[place]}} for score, place in scores
    ]
    usage = {"search_units": 1, "total_tokens": tokens, "cost": cost}
    return JSONResponse(
        {
            "id": new_id(),
            "model": model.id,
            "provider": providers[0].name,
            "results": results[:top],
            "usage": usage,
        }
    )


def _score(query: str, text: str) -> float:
    """The share of the query's words that the text has."""
    asked = set(words_of(query))
    return round(len(asked & set(words_of(text))) / len(asked), 6) if asked else 0.0


def _asked(body: Any) -> tuple[str, list[str], int]:
    given = body if isinstance(body, dict) else {}
    query, documents = given.get("query"), given.get("documents")
    if not isinstance(query, str):
        raise bad_request("query must be a text")
    if not isinstance(documents, list) or not documents:
        raise bad_request("documents must be a list of texts that is not empty")
    found = [document.get("text") if isinstance(document, dict) else document for document in documents]
    texts = [text for text in found if isinstance(text, str)]
    if len(texts) < len(documents):
        raise bad_request("a document must be a text, or an object with one")
    top = given.get("top_n") or len(texts)
    if not isinstance(top, int) or top < 1:
        raise bad_request("top_n must be at least 1")
    return query, texts, top
