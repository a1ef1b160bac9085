"""Parameters: what a call to the model and its constructor say together, as one request to OpenRouter."""

from collections.abc import Mapping
from typing import Any

from orchat.errors import InvalidRequestError
from orchat.openrouter import AutoRouter, Routing
from orchat.wire import AUTO_MODEL, JSON, base_id

OURS_TO_SAY = ("stream", "stream_options", "messages", "extra_body")
"""Parameters that the client sets by itself; LangChain hands some of them down."""


def merged(defaults: Mapping[str, Any], call: Mapping[str, Any]) -> JSON:
    """Return the parameters of a request: a call's replace the constructor's, objects of both are merged.

    What stands in `extra_body` is a parameter like any other.
    """
    parameters: JSON = {}
    for source in (defaults, call):
        for key, value in {**source, **(source.get("extra_body") or {})}.items():
            old = parameters.get(key)
            both_objects = key in ("provider", "reasoning") and isinstance(old, Mapping) and isinstance(value, Mapping)
            parameters[key] = {**old, **value} if both_objects and old is not None else value
    return {key: value for key, value in parameters.items() if key not in OURS_TO_SAY and value is not None}


def checked_provider(preferences: Any) -> JSON:
    """Return provider preferences as they are sent.

    Raises:
        InvalidRequestError: they are no object, or one that OpenRouter would ignore, privacy with it.
    """
    if not isinstance(preferences, Mapping):
        raise InvalidRequestError("Provider preferences have to be an object, such as {'sort': 'price'}.")
    for name in ("zdr", "allow_fallbacks", "require_parameters"):
        if not isinstance(preferences.get(name, False), bool):
            raise InvalidRequestError(f"The provider preference `{name}` has to be True or False.")
    if preferences.get("data_collection", "deny") not in ("allow", "deny"):
        raise InvalidRequestError("The provider preference `data_collection` has to be 'allow' or 'deny'.")
    sent = dict(preferences)
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
