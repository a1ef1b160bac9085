"""Requests: what LangChain hands to the model, as the arguments of a client's `stream` and `complete`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage
from pydantic import SecretStr

from orchat.agent.openrouter.messages import to_wire
from orchat.agent.openrouter.parameters import checked_provider, merged, routing_of, wants_zdr
from orchat.agent.openrouter.structured import response_format
from orchat.openrouter import App, AutoRouter, RetryPolicy
from orchat.openrouter.config import REQUEST_TIMEOUT
from orchat.openrouter.history import sendable
from orchat.openrouter.request import BASE_URL
from orchat.wire import JSON

if TYPE_CHECKING:
    from orchat.agent.openrouter.model import ChatOpenRouter

CATEGORIES_HEADER = "x-openrouter-categories"


def request_of(
    model: "ChatOpenRouter",
    defaults: Mapping[str, Any],
    messages: Sequence[BaseMessage],
    stop: list[str] | None,
    call: Mapping[str, Any],
) -> JSON:
    """Return the arguments for one call; `defaults` are the parameters that the model was made with.

    Raises:
        InvalidRequestError: a parameter has a shape that OpenRouter would refuse or ignore.
    """
    headers = {"extra_headers": _headers(model)}
    parameters = merged(headers, defaults, {**call, **({"stop": stop} if stop else {})})
    if parameters.get("provider") is not None:
        parameters["provider"] = checked_provider(parameters["provider"])
    if isinstance(parameters.get("response_format"), type):
        parameters["response_format"] = response_format(parameters["response_format"])
    name, fallbacks = str(parameters.pop("model")), parameters.pop("models", None)
    auto = AutoRouter(tuple(model.allowed_models or ()), tuple(model.excluded_models or ()), model.cost_tier)
    wires = ((to_wire(message), message.response_metadata.get("model_name")) for message in messages)
    return {
        **parameters,
        "messages": sendable(wires, name),
        "model": name,
        "routing": routing_of(name, zdr=model.zdr or wants_zdr(call), fallbacks=fallbacks, auto_router=auto),
    }


def _headers(model: "ChatOpenRouter") -> dict[str, str]:
    categories = {CATEGORIES_HEADER: ",".join(model.app_categories)} if model.app_categories else {}
    return {**categories, **(model.default_headers or {})}


def client_options(model: "ChatOpenRouter") -> JSON:
    """Return the options of the model's own clients.

    Raises:
        ValueError: there is no key, or an option cannot be used.
    """
    key, timeout = model.openai_api_key, model.request_timeout
    if key is not None and not isinstance(key, SecretStr):
        raise ValueError("The API key has to be text.")
    own_idle = "idle_timeout" in model.model_fields_set
    secret = key.get_secret_value() if key else None
    if not secret and model.openrouter_client is None and model.openrouter_async_client is None:
        raise ValueError("There is no OpenRouter key: pass api_key=…, or set OPENROUTER_API_KEY.")
    if timeout is not None and not isinstance(timeout, int | float):
        raise ValueError("`timeout` has to be a number of seconds.")
    return {
        "api_key": secret,
        "base_url": model.openai_api_base or BASE_URL,
        "app": App(model.app_url or "", model.app_title or ""),
        "retry": RetryPolicy(attempts=1 + (model.max_retries or 0)),
        "timeout": REQUEST_TIMEOUT if timeout is None else float(timeout),
        # All answers are streamed: who sets `timeout` alone means this one.
        "idle_timeout": model.idle_timeout if own_idle or timeout is None else float(timeout),
    }
