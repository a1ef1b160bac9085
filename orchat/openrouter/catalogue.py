"""The catalogue: all models and which of them can answer with zero data retention."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Literal

from orchat.openrouter.models import Endpoint, Model, Provider
from orchat.openrouter.rules import NONE, Rules
from orchat.wire import AUTO_MODEL, base_id


class Catalogue:
    """Models by id, by canonical slug, and with dynamic suffixes stripped."""

    def __init__(
        self,
        models: Sequence[Model] = (),
        zdr_endpoints: Iterable[Endpoint] = (),
        providers: Sequence[Provider] = (),
    ) -> None:
        self.models = tuple(models)
        self.providers = tuple(providers)
        self._slugs = {provider.name: provider.slug for provider in providers}
        listed = tuple(zdr_endpoints)
        self._zdr = frozenset((endpoint.model_id, endpoint.provider) for endpoint in listed)
        self._zdr_tags = frozenset((endpoint.model_id, endpoint.tag) for endpoint in listed)
        self.zdr_ids = frozenset(model_id for model_id, _ in self._zdr)
        self._by_id = {model.id: model for model in self.models}

    def __len__(self) -> int:
        return len(self.models)

    @cached_property
    def _by_slug(self) -> dict[str, Model]:
        # Several ids share a slug (base, :free, :batch): the one without a suffix is the model itself.
        ordered = sorted(self.models, key=lambda model: ":" in model.id, reverse=True)
        return {model.canonical_slug: model for model in ordered}

    def find(self, name: str, *, asked: str | None = None) -> Model | None:
        """Return the model that a request or a response names, None if it is not listed.

        A response names a dated slug that several ids share: `asked`, the id that was requested, then decides.
        """
        name = base_id(name)
        wanted = self._by_id.get(base_id(asked)) if asked else None
        if wanted and name in (wanted.id, wanted.canonical_slug):
            return wanted
        return self._by_id.get(name) or self._by_slug.get(name)

    def name_of(self, name: str) -> str:
        """Return a model's name as a person reads it, the id itself where it is not listed."""
        found = self.find(name)
        return found.short_name if found else name

    def supports_zdr(self, model: Model) -> bool:
        """Whether at least one endpoint of the model keeps no data. The auto-router finds one by itself."""
        return model.id == AUTO_MODEL or model.id in self.zdr_ids

    def keeps_nothing(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint is on OpenRouter's list of those that keep no data."""
        return (endpoint.model_id, endpoint.tag) in self._zdr_tags

    def lists_zdr(self, asked: str | None, answered: str | None, provider: str | None) -> bool | None:
        """Whether the endpoint that answered is on OpenRouter's list of those that keep no data; None: not known."""
        model = self.find(answered, asked=asked) if answered else None
        if not (self._zdr and model and provider):
            return None
        return (model.id, provider) in self._zdr

    def against(
        self, rules: Rules, asked: str | None, answered: str | None, provider: str | None
    ) -> Literal["model", "provider"] | None:
        """Whether the model or the provider that answered is one that the rules forbid; None: no, or not known."""
        if provider and not rules.allow_provider(self.provider_slug(provider)):
            return "provider"
        model = self.find(answered, asked=asked) if answered else None
        return "model" if model and not rules.allow_model(model.id) else None

    def provider_slug(self, name: str) -> str:
        """Return what requests name a provider by, from the name that answers have."""
        return self._slugs.get(name) or name.lower().replace(" ", "-")

    def nearest(self, name: str, offered: Sequence[Model]) -> Model | None:
        """Return the model of `offered` that can stand in for another one.

        One that costs no more goes before one that does, then one of the same maker, then the nearest price. For a
        model that is not listed it is the first that is offered. Routers choose by themselves and stand in last.
        """
        candidates = [model for model in offered if not model.is_router] or list(offered)
        wanted = self.find(name)
        if wanted is None:
            return next(iter(candidates), None)
        price = _price(wanted)

        def distance(model: Model) -> tuple[bool, bool, Decimal]:
            return _price(model) > price, model.maker != wanted.maker, abs(_price(model) - price)

        return min(candidates, key=distance, default=None)

    def offered(self, *, zdr: bool = False, parameter: str | None = None, rules: Rules = NONE) -> list[Model]:
        """Return the models that can be chosen, optionally those with ZDR or those that take a parameter.

        Models that the rules forbid are left out.
        """
        return [
            model
            for model in self.models
            if not (zdr and not self.supports_zdr(model))
            and (parameter is None or model.supports(parameter))
            and rules.allow_model(model.id)
        ]


def _price(model: Model) -> Decimal:
    """What a token in and a token out cost together; unknown counts as nothing, which only routers are."""
    return (model.prompt_price or Decimal(0)) + (model.completion_price or Decimal(0))
