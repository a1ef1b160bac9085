"""What a request demands of an endpoint, and OpenRouter's refusal when none can do it."""

from __future__ import annotations

from collections.abc import Sequence

from orchat.demo.chat_request import ChatRequest
from orchat.demo.errors import (
    PRIVACY_SETTINGS,
    ROUTING_DOCS,
    APIError,
    bad_request,
    constraint_filtered,
    no_endpoints,
    privacy_restricted,
)
from orchat.demo.files import NATIVE, engine_of
from orchat.demo.models import Model
from orchat.demo.providers import Provider

_OPTIONAL = frozenset(
    {
        "temperature",
        "top_p",
        "top_k",
        "seed",
        "stop",
        "logprobs",
        "response_format",
        "max_completion_tokens",
        "frequency_penalty",
        "presence_penalty",
        "verbosity",
    }
)
"""Parameters that an endpoint without them ignores, unless `require_parameters` leaves it out."""


def check_abilities(model: Model, request: ChatRequest) -> None:
    """Refuse what the model cannot do.

    Raises:
        APIError: 400 for reasoning that cannot be switched off, 404 for tools, pictures, sound, files, parameters.
    """
    if "text" not in model.outputs:
        raise no_endpoints(f"No endpoints found for {model.id} that support text output.", model.id)
    if request.prompt.has_images and not model.takes_images:
        raise no_endpoints("No endpoints found that support image input", model.id)
    if request.prompt.has("input_audio") and not model.takes_audio:
        raise no_endpoints("No endpoints found that support input audio", model.id)
    if request.prompt.has("file") and engine_of(model, request) == NATIVE and not model.takes_files:
        raise no_endpoints("No endpoints found that support file input", model.id)
    wanted = request.body.get("modalities") or ()
    if not set(wanted) <= set(model.outputs):
        message = f"No endpoints found that support the requested output modalities: {', '.join(wanted)}"
        raise no_endpoints(message, model.id)
    if request.prompt.tools and not model.tools:
        message = "No endpoints found that support tool use. To learn more about provider routing, visit: "
        raise no_endpoints(message + ROUTING_DOCS, model.id)
    if request.reasoning is False and model.reasoning == "always":
        raise bad_request("Reasoning is mandatory for this endpoint and cannot be disabled.")
    if request.provider.get("require_parameters"):
        _check_parameters(model, request)


def select_endpoints(model: Model, request: ChatRequest) -> Sequence[Provider]:
    """The endpoints that the provider preferences leave, best first.

    Raises:
        APIError: 404, when they leave none.
    """
    endpoints = _by_name(model, request)
    if request.zdr:
        endpoints = _under_policy(model, endpoints, [p for p in endpoints if p.zdr], "zdr")
    if request.provider.get("data_collection") == "deny":
        endpoints = _under_policy(model, endpoints, [p for p in endpoints if not p.trains], "training")
    _check_price(model, request)
    return endpoints


def _by_name(model: Model, request: ChatRequest) -> list[Provider]:
    wanted = request.provider
    endpoints = list(model.providers)
    if wanted.get("only"):
        endpoints = [p for p in endpoints if _named(p, wanted["only"])]
    if wanted.get("ignore"):
        endpoints = [p for p in endpoints if not _named(p, wanted["ignore"])]
    if wanted.get("order"):
        first = [p for slug in wanted["order"] for p in endpoints if _named(p, [slug])]
        rest = [] if wanted.get("allow_fallbacks") is False else endpoints
        endpoints = list(dict.fromkeys([*first, *rest]))
    if not endpoints:
        raise _no_allowed_provider(model, request)
    return endpoints


def _named(provider: Provider, slugs: Sequence[str]) -> bool:
    # A base slug means all its regions and variants; the demo has one endpoint for all of them.
    return any(slug.lower().partition("/")[0] in {provider.tag, provider.name.lower()} for slug in slugs)


def _no_allowed_provider(model: Model, request: ChatRequest) -> APIError:
    available = [provider.tag for provider in model.providers]
    requested = list(request.provider.get("only") or request.provider.get("order") or [])
    message = "No allowed providers are available for the selected model."
    if request.provider.get("only"):
        message += (
            f" Providers serving {model.id}: {', '.join(available)}, but your request's provider.only preference"
            f" permits only: {', '.join(requested)}."
        )
    metadata = {"available_providers": available, "requested_providers": requested}
    return constraint_filtered(message, model.id, "allowed_providers", metadata=metadata)


def _under_policy(model: Model, before: list[Provider], after: list[Provider], policy: str) -> list[Provider]:
    if after:
        return after
    words = "zero data retention" if policy == "zdr" else "paid model training"
    message = f"No endpoints for {model.id} match your data policy ({words}). Adjust at {PRIVACY_SETTINGS}."
    raise privacy_restricted(message, model.id, [p.tag for p in before], f"data_policy:{policy}")


def _check_price(model: Model, request: ChatRequest) -> None:
    limits = request.provider.get("max_price") or {}
    prices = {"prompt": model.prompt_price, "completion": model.completion_price}
    for name, price in prices.items():
        if limits.get(name) is not None and float(price or 0) * 1e6 > float(limits[name]):
            message = f"No endpoints for {model.id} are within your max_price for {name}."
            raise constraint_filtered(message, model.id, "max_price")


def _check_parameters(model: Model, request: ChatRequest) -> None:
    asked = _OPTIONAL & {name for name, value in request.body.items() if value is not None}
    if (request.body.get("response_format") or {}).get("type") == "json_schema":
        asked |= {"structured_outputs"}
    if asked - set(model.supported_parameters) or (request.reasoning and not model.reasoning):
        message = "No endpoints found that can handle the requested parameters."
        raise constraint_filtered(message, model.id, "require_parameters")
