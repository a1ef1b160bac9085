"""Models and endpoints, as the catalogue lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from orchat.errors import MalformedResponseError
from orchat.openrouter.request import Request
from orchat.usage import decimal, whole
from orchat.wire import AUTO_MODEL, JSON, base_id, fields, objects, words

MODELS = Request("GET", "/models")
ZDR_ENDPOINTS = Request("GET", "/endpoints/zdr")
PROVIDERS = Request("GET", "/providers")
MILLION = 1_000_000


def listed(body: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the entries of a list that can be told apart by `key`; those without it are left out.

    Raises:
        MalformedResponseError: there is no list.
    """
    entries = body.get("data")
    if not isinstance(entries, list):
        raise MalformedResponseError("What arrived is not a list as OpenRouter sends it.")
    return [entry for entry in entries if isinstance(entry, Mapping) and entry.get(key)]


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of `/models`. Prices are USD per token; None means that they vary or are not known."""

    id: str
    name: str
    canonical_slug: str
    context_length: int | None
    prompt_price: Decimal | None
    completion_price: Decimal | None
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    supported_parameters: frozenset[str]
    reasoning: Mapping[str, Any] | None
    description: str
    raw: JSON = field(repr=False, compare=False)

    @classmethod
    def from_wire(cls, entry: Mapping[str, Any]) -> "Model":
        """Read an entry of `/models`, leniently."""
        pricing, architecture = fields(entry.get("pricing")), fields(entry.get("architecture"))
        return cls(
            id=str(entry["id"]),
            name=words(entry.get("name")) or str(entry["id"]),
            canonical_slug=words(entry.get("canonical_slug")) or str(entry["id"]),
            context_length=whole(entry.get("context_length")),
            prompt_price=_price(pricing.get("prompt")),
            completion_price=_price(pricing.get("completion")),
            input_modalities=_names(architecture.get("input_modalities")) or ("text",),
            output_modalities=_names(architecture.get("output_modalities")) or ("text",),
            supported_parameters=frozenset(_names(entry.get("supported_parameters"))),
            reasoning=fields(entry.get("reasoning")) or None,
            description=words(entry.get("description")) or "",
            raw=dict(entry),
        )

    @property
    def maker(self) -> str:
        """Who makes it, as a person reads it: “Anthropic” of “Anthropic: Claude …”, else the author in the id."""
        maker, colon, _ = self.name.partition(": ")
        return maker if colon else self.id.partition("/")[0].lstrip("~")

    @property
    def short_name(self) -> str:
        """The name without its maker."""
        return self.name.partition(": ")[2] or self.name

    @property
    def is_router(self) -> bool:
        """Whether it only passes the request on to other models."""
        return self.id == AUTO_MODEL or self.id.startswith("openrouter/")

    @property
    def free(self) -> bool:
        """Whether nothing about it costs anything."""
        prices = (decimal(price) for price in fields(self.raw.get("pricing")).values())
        return self.prompt_price == 0 and self.completion_price == 0 and not any(prices)

    @property
    def thinks(self) -> bool:
        """Whether it can think before it answers; one that always does may have no parameter for it."""
        return self.reasoning is not None or self.supports("reasoning")

    def supports(self, parameter: str) -> bool:
        """Whether at least one endpoint takes a parameter (`tools`, `reasoning`, `structured_outputs`, …)."""
        return parameter in self.supported_parameters


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One provider's offer of a model."""

    model_id: str
    provider: str
    tag: str
    raw: JSON = field(repr=False, compare=False)

    @classmethod
    def from_wire(cls, entry: Mapping[str, Any]) -> "Endpoint":
        """Read an entry of an endpoint list, leniently."""
        return cls(
            model_id=base_id(str(entry.get("model_id") or "")),
            provider=str(entry.get("provider_name") or ""),
            tag=str(entry.get("tag") or ""),
            raw=dict(entry),
        )

    @property
    def quantization(self) -> str | None:
        """How its weights are stored: `fp8`, `bf16`; None where it is not said."""
        found = words(self.raw.get("quantization"))
        return None if found == "unknown" else found

    @property
    def context_length(self) -> int | None:
        """Tokens that fit in a conversation with it."""
        return whole(self.raw.get("context_length"))

    @property
    def prices(self) -> tuple[Decimal | None, Decimal | None]:
        """USD per token in and out."""
        pricing = fields(self.raw.get("pricing"))
        return _price(pricing.get("prompt")), _price(pricing.get("completion"))

    @property
    def works(self) -> bool:
        """Whether OpenRouter sends requests to it at present as usual."""
        status = decimal(self.raw.get("status"))
        return status is None or status >= 0

    @property
    def uptime(self) -> float | None:
        """Percent of the last day, or of the shorter time that is known."""
        spans = (self.raw.get(f"uptime_last_{span}") for span in ("1d", "30m", "5m"))
        return next((float(known) for span in spans if (known := decimal(span)) is not None), None)

    @property
    def latency(self) -> float | None:
        """Seconds to the first token, in the middle of the last half hour; not told without a key."""
        found = decimal(fields(self.raw.get("latency_last_30m")).get("p50"))
        return None if found is None else float(found) / 1000

    @property
    def throughput(self) -> float | None:
        """Tokens per second, in the middle of the last half hour; not told without a key."""
        found = decimal(fields(self.raw.get("throughput_last_30m")).get("p50"))
        return None if found is None else float(found)


@dataclass(frozen=True, slots=True)
class Provider:
    """A company that serves models. `slug` is what requests name it by, `name` what answers do."""

    slug: str
    name: str

    @classmethod
    def from_wire(cls, entry: Mapping[str, Any]) -> "Provider":
        """Read an entry of `/providers`, leniently."""
        slug = str(entry.get("slug") or "")
        return cls(slug, words(entry.get("name")) or slug)


def endpoints_request(model: str) -> Request:
    """Return the request for the endpoints of a model, by its id."""
    author, _, slug = base_id(model).partition("/")
    return Request("GET", f"/models/{quote(author, safe='~')}/{quote(slug, safe=':')}/endpoints")


def endpoints_of(body: Mapping[str, Any]) -> list[Endpoint]:
    """Read the answer to it."""
    return [Endpoint.from_wire(entry) for entry in objects(fields(body.get("data")).get("endpoints"))]


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _price(value: Any) -> Decimal | None:
    price = decimal(value)
    # Routers say -1: it depends on the model that they choose.
    return None if price is None or price < 0 else price
