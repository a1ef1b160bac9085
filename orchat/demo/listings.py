"""The routes that only look things up: the catalogue, the account, one generation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from orchat.demo.account import key_of, require_key, require_management_key
from orchat.demo.catalogue import Catalogue
from orchat.demo.errors import APIError, bad_request
from orchat.demo.models import Model
from orchat.demo.providers import PROVIDERS
from orchat.demo.state import DemoState

_MOST_PER_PAGE = 1000


async def models(request: Request) -> JSONResponse:
    """The catalogue; text models unless `output_modalities` says otherwise."""
    return _page(request, _filtered(_catalogue(request), request))


async def user_models(request: Request) -> JSONResponse:
    """The models that the account may use: all of them, for who has a key."""
    require_key(request.headers)
    return await models(request)


async def embedding_models(request: Request) -> JSONResponse:
    """The embedding models, which the main list leaves out."""
    return _page(request, [model for model in _catalogue(request).values() if "embeddings" in model.outputs])


async def count_models(request: Request) -> JSONResponse:
    """How many models the same filters leave."""
    return JSONResponse({"data": {"count": len(_filtered(_catalogue(request), request))}})


async def zdr_endpoints(request: Request) -> JSONResponse:
    """Every endpoint that retains nothing."""
    measured = key_of(request.headers) is not None
    endpoints = [
        model.endpoint_json(provider, measured=measured)
        for model in _catalogue(request).values()
        for provider in model.providers
        if provider.zdr
    ]
    return JSONResponse({"data": endpoints})


async def model_endpoints(request: Request) -> JSONResponse:
    """The endpoints of one model, by id or canonical slug."""
    slug = f"{request.path_params['author']}/{request.path_params['slug']}"
    model = _catalogue(request).find_slug(slug)
    if model is None:
        raise APIError(404, f"Model {slug} not found", "not_found")
    measured = key_of(request.headers) is not None
    entry = model.to_json()
    data = {key: entry[key] for key in ("id", "name", "created", "description", "architecture")}
    data["endpoints"] = [model.endpoint_json(provider, measured=measured) for provider in model.providers]
    return JSONResponse({"data": data})


async def providers(_request: Request) -> JSONResponse:
    """The companies that serve models."""
    data = [
        {"name": provider.name, "slug": provider.tag, "privacy_policy_url": None, "terms_of_service_url": None}
        for provider in PROVIDERS.values()
    ]
    return JSONResponse({"data": data})


async def key(request: Request) -> JSONResponse:
    """What is left on the key."""
    state, key = _state(request), require_key(request.headers)
    body = state.account.key_json(key)
    if (made := state.made_keys.of(request.headers)) is not None:
        said = made.to_json()
        body["data"] |= {name: said[name] for name in said.keys() & body["data"].keys()}
    return JSONResponse(body)


async def credits_left(request: Request) -> JSONResponse:
    """What is left on the account; only a management key may know."""
    require_management_key(request.headers)
    return JSONResponse(_state(request).account.credits_json())


async def generation(request: Request) -> JSONResponse:
    """What one answer took and cost."""
    require_key(request.headers)
    generation_id = request.query_params.get("id")
    if not generation_id:
        raise bad_request("Query parameter id is missing")
    return JSONResponse(_state(request).account.generation(generation_id))


def _state(request: Request) -> DemoState:
    state: DemoState = request.app.state.demo
    return state


def _catalogue(request: Request) -> Catalogue:
    return _state(request).catalogue


def _filtered(catalogue: Catalogue, request: Request) -> list[Model]:
    query = request.query_params
    wanted = set(query.get("output_modalities", "text").split(","))
    parameters = set(filter(None, query.get("supported_parameters", "").split(",")))
    inputs = set(filter(None, query.get("input_modalities", "").split(",")))
    text = query.get("q", "").lower()
    tests: list[Callable[[Model], Any]] = [
        lambda model: "all" in wanted or wanted & set(model.outputs),
        lambda model: query.get("zdr") != "true" or model.zdr,
        lambda model: parameters <= set(model.supported_parameters),
        lambda model: inputs <= set(model.input_modalities),
        lambda model: text in f"{model.id} {model.name}".lower(),
    ]
    return [model for model in catalogue.values() if all(test(model) for test in tests)]


def _page(request: Request, found: list[Model]) -> JSONResponse:
    offset = _number(request, "offset", 0)
    limit = _number(request, "limit", len(found))
    shown = found[offset : offset + min(limit, _MOST_PER_PAGE)]
    return JSONResponse(
        {"data": [model.to_json() for model in shown], "total_count": len(found), "links": {"next": None}}
    )


def _number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name, "")
    if given and not given.isdecimal():
        raise bad_request(f"Query parameter {name} must be a number")
    return int(given or default)
