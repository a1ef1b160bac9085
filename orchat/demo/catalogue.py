"""The simulated catalogue: built once from its table, looked up by id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache

from orchat.demo.catalogue_table import CATALOGUE, EXPIRES
from orchat.demo.demo_models import DEMO_MODELS
from orchat.demo.models import Model, Reasoning
from orchat.demo.providers import MAKERS, PROVIDERS

AUTO = "openrouter/auto"
FREE = "openrouter/free"
# OpenRouter appends these to any id; unlike `:free` they name no entry of the catalogue.
DYNAMIC_SUFFIXES = (":nitro", ":floor", ":exacto", ":online")

_REASONING: dict[str, Reasoning] = {"R": "on request", "D": "by default", "M": "always"}
_UPPER = {"gpt", "glm", "vl", "oss", "qwq", "it", "vlm", "ai", "lfm2"}
_MILLION = Decimal(1_000_000)


class Catalogue(Mapping[str, Model]):
    """Models by id, in the order of the table."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        self._models = {model.id: model for model in models}

    def __getitem__(self, model_id: str) -> Model:
        return self._models[model_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def find(self, model_id: str) -> Model | None:
        """The model that an id, with or without dynamic suffix, means."""
        for suffix in DYNAMIC_SUFFIXES:
            model_id = model_id.removesuffix(suffix)
        return self._models.get(model_id)

    def find_slug(self, slug: str) -> Model | None:
        """The model of an id or of a canonical slug, of which the entry without suffix comes first."""
        return self.find(slug) or next((model for model in self.values() if model.canonical_slug == slug), None)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of this program; reading the table takes about 2 ms."""
    rows = [line.split() for line in CATALOGUE.strip().splitlines()]
    models = [model for row in rows for model in _from_row(row)]
    return Catalogue((*_routers(), *models, *DEMO_MODELS))


def _from_row(row: list[str]) -> Iterator[Model]:
    model_id, released, context, output, prompt, completion, inputs, abilities, tags = row
    maker, _, slug = model_id.partition("/")
    day = date.fromisoformat(released)
    name = f"{MAKERS[maker]}: {_display_name(slug)}"
    model = Model(
        id=model_id,
        name=name,
        canonical_slug=f"{maker}/{_canonical(slug)}-{released}",
        description=f"{name} as OpenRouter lists it. Here it is simulated: no model is asked.",
        released=day,
        context_length=int(context),
        max_output=None if output == "-" else int(output),
        prompt_price=Decimal(prompt) / _MILLION,
        completion_price=Decimal(completion) / _MILLION,
        inputs=inputs,
        outputs=_outputs(abilities),
        tools="T" in abilities,
        structured="S" in abilities,
        reasoning=next((mode for letter, mode in _REASONING.items() if letter in abilities), None),
        providers=tuple(PROVIDERS[tag] for tag in tags.split(",")),
        expires=EXPIRES.get(model_id),
        json_mode="J" in abilities,
    )
    yield model
    if "F" in abilities:
        yield _free_variant(model)


def _free_variant(model: Model) -> Model:
    """The same weights for nothing, from a provider that trains on what it is sent."""
    return Model(
        id=f"{model.id}:free",
        name=f"{model.name} (free)",
        canonical_slug=model.canonical_slug,
        description=model.description,
        released=model.released,
        context_length=model.context_length,
        max_output=model.max_output,
        prompt_price=Decimal(0),
        completion_price=Decimal(0),
        inputs=model.inputs,
        outputs=model.outputs,
        tools=model.tools,
        structured=model.structured,
        reasoning=model.reasoning,
        providers=(PROVIDERS["chutes"],),
        json_mode=model.json_mode,
    )


def _routers() -> tuple[Model, ...]:
    return (
        _router(AUTO, "Auto Router", "Chooses a simulated model by the kind of prompt.", None),
        _router(FREE, "Free Models Router", "Chooses one of the simulated free models.", Decimal(0)),
    )


def _router(model_id: str, name: str, description: str, price: Decimal | None) -> Model:
    return Model(
        id=model_id,
        name=name,
        canonical_slug=model_id,
        description=f"{description} Here everything is simulated.",
        released=date(2023, 11, 8),
        context_length=2_000_000 if price is None else 200_000,
        max_output=None,
        prompt_price=price,
        completion_price=price,
        inputs="tifav" if price is None else "ti",
        outputs=("text",),
        tools=True,
        structured=True,
        reasoning=None,
        providers=(),
    )


def _outputs(abilities: str) -> tuple[str, ...]:
    if "E" in abilities:
        return ("embeddings",)
    if "K" in abilities:
        return ("rerank",)
    return ("text", "image") if "I" in abilities else ("text",)


def _canonical(slug: str) -> str:
    # Anthropic's canonical slugs turn family and version round, so nobody can derive them from the id.
    return re.sub(r"^claude-([a-z]+)-([\d.]+)$", r"claude-\2-\1", slug)


def _display_name(slug: str) -> str:
    words = [_display_word(word) for word in slug.split("-")]
    return " ".join(words).replace("GPT ", "GPT-").replace("GLM ", "GLM-")


def _display_word(word: str) -> str:
    if word in _UPPER or re.fullmatch(r"[a-z]?\d+(\.\d+)?[bkm]|\d+x\d+b|[rv]\d[\d.]*", word):
        return word.upper()
    return word if re.fullmatch(r"\d[\w.]*|o\d|it", word) else word[:1].upper() + word[1:]
