"""Routing: which models and providers may answer, and on what terms. Said once, here, for every request."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from orchat.errors import InvalidRequestError
from orchat.openrouter.privacy import with_native_files
from orchat.wire import AUTO_MODEL, JSON

CostTier = Literal["low", "medium", "high", "xhigh", "max"]


@dataclass(frozen=True, slots=True)
class AutoRouter:
    """What `openrouter/auto` may choose from. Wildcards such as `anthropic/*` are allowed.

    `cost_tier` is a band of prices and not a ceiling; `pin_model` stays with the model of the latest assistant message.
    Source: https://openrouter.ai/docs/guides/routing/routers/auto-router.
    """

    allowed_models: tuple[str, ...] = ()
    excluded_models: tuple[str, ...] = ()
    cost_tier: CostTier | None = None
    pin_model: bool = False

    def plugin(self) -> JSON:
        """Return the `auto-router` plugin object."""
        settings = {
            "allowed_models": list(self.allowed_models),
            "excluded_models": list(self.excluded_models),
            "cost_tier": self.cost_tier,
            "pin_model": self.pin_model,
        }
        return {"id": "auto-router", **{key: value for key, value in settings.items() if value}}


@dataclass(frozen=True, slots=True)
class ProviderPreferences:
    """The `provider` object: order and choice of providers. Prices are USD per million tokens.

    Source: https://openrouter.ai/docs/guides/routing/provider-selection. Keys that it has and this class has not can be
    given with a call, as the parameter `provider`.
    """

    order: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow_fallbacks: bool | None = None
    require_parameters: bool | None = None
    quantizations: tuple[str, ...] = ()
    sort: str | Mapping[str, Any] | None = None
    max_price: Mapping[str, float | str] = field(default_factory=dict)
    data_collection: Literal["allow", "deny"] | None = None
    zdr: bool | None = None

    @property
    def excluding(self) -> "ProviderPreferences":
        """The part that says who may never see a request, which goes for every request about the same words."""
        return ProviderPreferences(only=self.only, ignore=self.ignore, data_collection=self.data_collection)

    def to_wire(self) -> JSON:
        """Return the object as it is sent, empty preferences left out."""
        wire: JSON = {}
        for option in fields(self):
            value = getattr(self, option.name)
            if isinstance(value, bool) or value:
                wire[option.name] = list(value) if isinstance(value, tuple) else value
        if self.max_price:
            # The schema wants strings; numbers make strictly typed clients drop the whole object, ZDR with it.
            wire["max_price"] = {key: str(price) for key, price in self.max_price.items()}
        return wire


@dataclass(frozen=True, slots=True)
class Routing:
    """How a request is routed.

    `auto` sends it to the auto-router; `zdr` lets only endpoints with zero data retention answer; `fallbacks` are
    models that are tried in order when the first one fails.
    """

    auto: bool = False
    zdr: bool = False
    fallbacks: tuple[str, ...] = ()
    auto_router: AutoRouter = AutoRouter()
    provider: ProviderPreferences = ProviderPreferences()

    def tightened(self, other: "Routing") -> "Routing":
        """Return this routing with `zdr` also where `other` asks for it: privacy can be added and never taken away."""
        return replace(self, zdr=self.zdr or other.zdr or bool(other.provider.zdr))

    def apply(self, body: JSON) -> JSON:
        """Return `body` (any inference request) with the routing in it.

        Raises:
            InvalidRequestError: `provider`, `plugins` or `tools` of the body are not of the right shape.
        """
        body = dict(body)
        _check_objects(body, "plugins", "tools")
        if self.auto:
            body["model"] = AUTO_MODEL
            body["plugins"] = with_plugin(body.get("plugins"), self.auto_router.plugin())
        if self.fallbacks:
            body["models"] = list(dict.fromkeys((body["model"], *self.fallbacks)))
        given: Any = body.get("provider") or {}
        if not isinstance(given, Mapping):
            raise InvalidRequestError("`provider` has to be an object of provider preferences.")
        provider = {**self.provider.to_wire(), **given}
        if self.zdr or self.provider.zdr or provider.get("zdr"):
            provider |= {"zdr": True, "data_collection": "deny"}
            body = with_native_files(body)
        if provider:
            body["provider"] = provider
        return body


def _check_objects(body: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        given: Any = body.get(key) or []
        if not isinstance(given, list | tuple) or not all(isinstance(entry, Mapping) for entry in given):
            raise InvalidRequestError(f"`{key}` has to be a list of objects.")


def with_plugin(plugins: Any, plugin: JSON) -> list[JSON]:
    """Return plugins with one more; what was given for the same one goes before."""
    others = plugins or []
    given: JSON = next((other for other in others if other.get("id") == plugin["id"]), {})
    return [*(other for other in others if other.get("id") != plugin["id"]), {**plugin, **given}]
