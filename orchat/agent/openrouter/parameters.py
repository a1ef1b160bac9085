"""Parameters: what a call to the model and its constructor say together, as one request to OpenRouter."""

from collections.abc import Mapping
from typing import Any

from orchat.errors import InvalidRequestError
from orchat.openrouter import AutoRouter, Routing
from orchat.wire import AUTO_MODEL, JSON, base_id

OURS_TO_SAY = ("stream", "stream_options", "stream_usage", "messages", "extra_body", "zdr")
"""Parameters that the client sets by itself; LangChain hands some of them down."""
HOLDERS = ("provider", "openrouter_provider", "extra_body", "model_kwargs")
"""Parameters in which others stand."""


def wants_zdr(given: Any) -> bool:
    """Whether zero data retention is asked for, in any of the places where it can stand."""
    if not isinstance(given, Mapping):
        return False
    return bool(given.get("zdr")) or any(wants_zdr(given.get(holder)) for holder in HOLDERS)


def merged(*sources: Mapping[str, Any]) -> JSON:
    """Return the parameters of a request: later ones (a call's) replace earlier ones (the constructor's).

    Provider preferences, reasoning and headers of both are merged. What stands in `extra_body` is a parameter like any
    other.

    Raises:
        InvalidRequestError: one of them has a name that the client uses for itself.
    """
    parameters: JSON = {}
    for source in sources:
        for key, value in {**source, **(source.get("extra_body") or {})}.items():
            old = parameters.get(key)
            joined = key in ("provider", "reasoning", "extra_headers") and isinstance(old, Mapping)
            parameters[key] = {**old, **value} if joined and old and isinstance(value, Mapping) else value
    if "routing" in parameters:
        # The client's own word for how a request is routed: taken from a caller, it would replace privacy and all.
        raise InvalidRequestError("`routing` is no parameter of OpenRouter's.")
    return {key: value for key, value in parameters.items() if key not in OURS_TO_SAY and value is not None}


def checked_provider(preferences: Any) -> JSON:
    """Return provider preferences as they are sent.

    Raises:
        InvalidRequestError: they are no object, or one that OpenRouter would ignore, privacy with it.
    """
    if not isinstance(preferences, Mapping):
        raise InvalidRequestError("Provider preferences have to be an object, such as {'sort': 'price'}.")
    for name in ("zdr", "allow_fallbacks", "require_parameters"):
        if not isinstance(preferences.get(name) or False, bool):
            raise InvalidRequestError(f"The provider preference `{name}` has to be True or False.")
    for name in ("order", "only", "ignore", "quantizations"):
        if not isinstance(preferences.get(name) or [], list | tuple):
            raise InvalidRequestError(f"The provider preference `{name}` has to be a list.")
    if preferences.get("data_collection") not in (None, "allow", "deny"):
        raise InvalidRequestError("The provider preference `data_collection` has to be 'allow' or 'deny'.")
    sent = {key: value for key, value in preferences.items() if value is not None}
    if "max_price" in sent:
        if not isinstance(sent["max_price"], Mapping):
            raise InvalidRequestError("The provider preference `max_price` has to be an object of prices.")
        # The schema wants strings; strictly typed clients have dropped the whole object over a number.
        sent["max_price"] = {key: str(price) for key, price in sent["max_price"].items()}
    return sent


def routing_of(model: str, *, zdr: bool, fallbacks: Any, auto_router: AutoRouter) -> Routing:
    """Return the routing of a request. Limits of the auto-router count only where it is asked."""
    auto = base_id(model) == AUTO_MODEL
    return Routing(
        auto=auto, zdr=zdr, fallbacks=tuple(fallbacks or ()), auto_router=auto_router if auto else AutoRouter()
    )
