"""Enforcement: the one place where the operator's rules meet a request. No I/O."""

from dataclasses import replace
from typing import Any

from orchat.errors import ForbiddenByOperatorError
from orchat.openrouter.patterns import narrowed, served_by
from orchat.openrouter.privacy import uncovered, with_native_files
from orchat.openrouter.request import Request, inference_request
from orchat.openrouter.routing import Routing, with_plugin
from orchat.openrouter.rules import AUTO_PLUGINS, Rules
from orchat.wire import JSON, base_id, fields, objects, words

ADMINISTRATIVE = ("/auth/keys", "/keys")
"""Routes that no model answers."""
TAKE_PROVIDERS = frozenset({"/chat/completions", "/responses", "/messages", "/embeddings", "/rerank", "/images"})
"""Routes that can be told which providers may answer."""


def governed(request: Request, rules: Rules) -> Request:
    """Return a request as the rules let it go out: narrowed to what is allowed. Twice is as good as once.

    Raises:
        ForbiddenByOperatorError: it asks for what is forbidden, or for what nobody could keep to the rules.
        ZDRConflictError: zero data retention is required, and does not cover a part of it.
    """
    if request.body is None or not rules.forbid_anything or request.path.startswith(ADMINISTRATIVE):
        return request
    body = dict(request.body)
    if rules.zdr:
        request = inference_request(request.path, body, Routing(zdr=True), request.headers)
        body = dict(request.body or {})
    if not rules.allow_feature("file-parser"):
        body = with_native_files(body)
    _check_features(body, request, rules)
    _check_tools(body, rules)
    if rules.limit_models:
        _narrow_models(body, rules)
    if rules.limit_providers:
        _narrow_providers(body, request.path, rules)
    return replace(request, body=body)


def _check_features(body: JSON, request: Request, rules: Rules) -> None:
    for part in uncovered(body, path=request.path, headers=request.headers):
        if part.kind == "preset":
            raise ForbiddenByOperatorError("Presets of OpenRouter's may switch on what is forbidden here.")
        if not rules.allow_feature(part.feature):
            raise ForbiddenByOperatorError(f"“{part.feature}” is forbidden here.")


def _check_tools(body: JSON, rules: Rules) -> None:
    for tool in objects(body.get("tools")):
        name = words(fields(tool.get("function")).get("name"))
        if name and not rules.allow_tool(name):
            raise ForbiddenByOperatorError(f"The tool “{name}” is forbidden here.")


def _narrow_models(body: JSON, rules: Rules) -> None:
    model = words(body.get("model"))
    if model is None:
        raise ForbiddenByOperatorError("No model is named, and OpenRouter might choose one that is forbidden here.")
    if not rules.allow_model(model):
        raise ForbiddenByOperatorError(f"The model “{model}” is forbidden here.")
    if "models" in body:
        # Fallbacks nobody has chosen for this answer alone: those that are left stay.
        body["models"] = [name for name in body["models"] if rules.allow_model(str(name))]
    for name in dict.fromkeys((model, *body.get("models", ()))):
        if (plugin := AUTO_PLUGINS.get(base_id(name))) is not None:
            body["plugins"] = _narrowed_router(body, plugin, rules)


def _narrowed_router(body: JSON, plugin: str, rules: Rules) -> list[JSON]:
    given: JSON = next((one for one in objects(body.get("plugins")) if one.get("id") == plugin), {})
    wanted = list(given.get("allowed_models") or ())
    allowed = narrowed(wanted, rules.allowed_models)
    if rules.allowed_models and not allowed:
        raise ForbiddenByOperatorError("Of the models that the auto-router may choose from, none is allowed here.")
    excluded = list(dict.fromkeys([*(given.get("excluded_models") or ()), *rules.forbidden_models]))
    limits: JSON = {"allowed_models": allowed, "excluded_models": excluded}
    others = {name: value for name, value in given.items() if name not in {*limits, "enabled"}}
    return with_plugin(
        [one for one in objects(body.get("plugins")) if one.get("id") != plugin],
        {"id": plugin, **others, **{name: value for name, value in limits.items() if value}},
    )


def _narrow_providers(body: JSON, path: str, rules: Rules) -> None:
    if path not in TAKE_PROVIDERS:
        raise ForbiddenByOperatorError(f"At “{path}” OpenRouter cannot be told which providers are forbidden here.")
    provider: dict[str, Any] = dict(fields(body.get("provider")))
    only, allowed = [str(slug) for slug in provider.get("only") or ()], rules.allowed_providers
    if only and allowed:
        both = [*(s for s in only if served_by(s, allowed)), *(s for s in allowed if served_by(s, only))]
    else:
        both = [*only, *allowed]
    both = [slug for slug in dict.fromkeys(both) if not served_by(slug, rules.forbidden_providers)]
    if (only or allowed) and not both:
        raise ForbiddenByOperatorError("Of the providers that were asked for, none is allowed here.")
    ignored = list(dict.fromkeys([*(provider.get("ignore") or ()), *rules.forbidden_providers]))
    order = [slug for slug in provider.get("order") or () if rules.allow_provider(str(slug))]
    for name, slugs in (("only", both), ("ignore", ignored), ("order", order)):
        provider.pop(name, None)
        if slugs:
            provider[name] = slugs
    body["provider"] = provider
