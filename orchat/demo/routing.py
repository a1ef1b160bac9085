"""From what a request asks for to one endpoint of one model, or to OpenRouter's refusal."""

from __future__ import annotations

from dataclasses import dataclass

from orchat.demo.auto import choose_automatically
from orchat.demo.catalogue import Catalogue
from orchat.demo.chat_request import ChatRequest
from orchat.demo.endpoints import check_abilities, select_endpoints
from orchat.demo.errors import bad_request, unknown_model
from orchat.demo.models import Model
from orchat.demo.providers import Provider


@dataclass(frozen=True, slots=True)
class Route:
    """The endpoint that answers; `requested` is the id as it was asked for, suffix and all."""

    requested: str
    model: Model
    provider: Provider
    router: str | None = None


def find_route(catalogue: Catalogue, request: ChatRequest, model_id: str) -> Route:
    """The endpoint for one of the models of a request.

    Raises:
        APIError: 400 or 404, when there is none.
    """
    model = catalogue.find(model_id)
    if model is None:
        raise unknown_model(model_id)
    router = None
    if not model.providers:
        router, model = model.id, choose_automatically(catalogue, request, model.id)
    check_abilities(model, request)
    provider = select_endpoints(model, request)[0]
    _check_context(model, request)
    return Route(model_id, model, provider, router)


def _check_context(model: Model, request: ChatRequest) -> None:
    text, tools, output = request.prompt.tokens, request.prompt.tool_tokens, request.max_tokens or 0
    if text + tools + output > model.context_length:
        raise bad_request(
            f"This endpoint's maximum context length is {model.context_length} tokens. However, you requested about "
            f"{text + tools + output} tokens ({text} of text input, {tools} of tool input, {output} in the output). "
            "Please reduce the length of either one, or use the context-compression plugin to compress your prompt "
            "automatically.",
            "context_length_exceeded",
        )
