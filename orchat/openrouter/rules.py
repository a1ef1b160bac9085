"""Rules: what the operator forbids for everybody. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from orchat.openrouter.patterns import matches, served_by
from orchat.wire import AUTO_MODEL, base_id

AUTO_PLUGINS = {AUTO_MODEL: "auto-router", "openrouter/auto-beta": "auto-beta-router"}
"""Routers that can be told what they may choose from, with the plugins that tell them."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be asked for. An empty list of what is allowed allows everything.

    Models and features are patterns (`openai/*`, `*:free`), providers slugs as `provider.only` takes them. A feature is
    one of OpenRouter's own: `web_search`, `web_fetch`, `image_generation`, `file-parser`, `response-cache` and others,
    whether it is asked for as a server tool, as a plugin or by a suffix of the model.
    """

    allowed_models: tuple[str, ...] = ()
    forbidden_models: tuple[str, ...] = ()
    allowed_providers: tuple[str, ...] = ()
    forbidden_providers: tuple[str, ...] = ()
    forbidden_features: tuple[str, ...] = ()
    forbidden_tools: tuple[str, ...] = ()
    """Tools of this installation, by name or pattern."""
    zdr: bool = False
    """Whether every request asks for zero data retention."""

    @property
    def limit_models(self) -> bool:
        """Whether there is a model that may not be asked."""
        return bool(self.allowed_models or self.forbidden_models)

    @property
    def limit_providers(self) -> bool:
        """Whether there is a provider that may not answer."""
        return bool(self.allowed_providers or self.forbidden_providers)

    @property
    def forbid_anything(self) -> bool:
        """Whether there is any rule."""
        return any(getattr(self, one.name) for one in fields(self))

    def allow_model(self, model: str) -> bool:
        """Whether a model may be asked.

        A router that cannot be told what to choose from may only be asked where nothing is forbidden, or where it is
        allowed by its full name.
        """
        name = base_id(model.casefold()).lstrip("~").partition("@")[0]
        # Whoever forbids a model means its variants too; whoever allows one may not.
        if matches(name, self.forbidden_models) or matches(name.partition(":")[0], self.forbidden_models):
            return False
        if name in AUTO_PLUGINS:
            return True
        if name.startswith("openrouter/"):
            return not self.limit_models or name in {one.casefold() for one in self.allowed_models}
        return not self.allowed_models or matches(name, self.allowed_models)

    def allow_provider(self, slug: str) -> bool:
        """Whether a provider may answer, by its slug."""
        allowed = not self.allowed_providers or served_by(slug, self.allowed_providers)
        return allowed and not served_by(slug, self.forbidden_providers)

    def allow_feature(self, name: str) -> bool:
        """Whether a feature of OpenRouter's may be used; `openrouter:web_search` is `web_search`."""
        forbidden = [one.removeprefix("openrouter:") for one in self.forbidden_features]
        return not matches(name.removeprefix("openrouter:"), forbidden)

    def allow_tool(self, name: str) -> bool:
        """Whether a tool of this installation may be used."""
        return not matches(name, self.forbidden_tools)


NONE = Rules()
RulesNow = Callable[[], Rules]
"""Gives the rules of this moment: they may change while a client lives."""


def no_rules() -> Rules:
    """Forbid nothing."""
    return NONE
