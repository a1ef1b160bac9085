"""What goes with every question of a chat: kept with the chat as it was set, composed for the model that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from orchat.errors import ParametersUnsupportedError
from orchat.openrouter.routing import ProviderPreferences
from orchat.presets import routes
from orchat.presets.parameters import cleaned, to_wire
from orchat.presets.schemas import instruction, is_strict, read_schema, response_format, tightened
from orchat.presets.variables import filled
from orchat.wire import JSON, fields, words

if TYPE_CHECKING:
    from orchat.openrouter import Model

SYSTEM, VARIABLES, PARAMETERS, SCHEMA = "system_prompt", "variables", "parameters", "schema"
PRESET, ROUTE = "preset", "route"
"""Keys in the settings of a chat."""
REQUIRED: JSON = {"require_parameters": True}
"""Provider preferences: else an endpoint may ignore silently what it does not know."""


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What a person has set; `schema` is the text of a JSON schema, `preset` the id of the preset it came from.

    `route` says which models and providers may answer, as `orchat.presets.routes` names it.
    """

    system_prompt: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    schema: str = ""
    preset: str = ""
    route: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> RequestOptions:
        """Read them from the settings of a chat or a preset, which anybody may have written."""
        values = fields(settings.get(VARIABLES))
        return cls(
            system_prompt=words(settings.get(SYSTEM)) or "",
            variables={str(name): value for name, value in values.items() if isinstance(value, str)},
            parameters=cleaned(settings.get(PARAMETERS)),
            schema=words(settings.get(SCHEMA)) or "",
            preset=words(settings.get(PRESET)) or "",
            route=routes.cleaned(settings.get(ROUTE)),
        )

    def to_settings(self) -> JSON:
        """Return them as they are kept."""
        return {
            SYSTEM: self.system_prompt,
            VARIABLES: dict(self.variables),
            PARAMETERS: dict(self.parameters),
            SCHEMA: self.schema,
            PRESET: self.preset,
            ROUTE: dict(self.route),
        }

    @property
    def count(self) -> int:
        """How many things are set."""
        parameters = [name for name in cleaned(self.parameters) if name != "reasoning_budget"]
        route = routes.cleaned(self.route)
        return bool(self.system_prompt.strip()) + len(parameters) + bool(self.schema.strip()) + len(route)


@dataclass(frozen=True, slots=True)
class Composed:
    """What goes to the model: the system prompt, the request's parameters, and the schema that its answer has.

    `provider` says who may serve it.
    """

    system_prompt: str = ""
    parameters: JSON = field(default_factory=dict)
    schema: JSON | None = None
    provider: ProviderPreferences = field(default_factory=ProviderPreferences)


def compose(options: RequestOptions, model: Model | None, values: Mapping[str, str], *, auto: bool) -> Composed:
    """Return what is sent; `values` are those of the built-in variables, over which the person's own go.

    Raises:
        InvalidRequestError: a variable has no value, or the schema is none.
        ParametersUnsupportedError: the answer shall satisfy a schema, and the model cannot answer in JSON.
    """
    system = filled(options.system_prompt, {**values, **options.variables}).strip()
    sent = to_wire(options.parameters, model, auto=auto).sent
    routed = Composed(system, sent, None, routes.preferences(options.route))
    return _in_json(routed, options.schema, model, auto=auto) if options.schema.strip() else routed


def _in_json(composed: Composed, text: str, model: Model | None, *, auto: bool) -> Composed:
    schema, sent, system = read_schema(text), dict(composed.parameters), composed.system_prompt
    match form_of(model, auto=auto):
        case "json_schema":
            sent["response_format"] = response_format(schema)
        case "json_object":
            sent["response_format"] = {"type": "json_object"}
            system = "\n\n".join(filter(None, [system, instruction(schema)]))
        case _:
            name = model.short_name if model else "This model"
            raise ParametersUnsupportedError(
                f"{name} cannot answer in JSON, which the schema in the options asks for.",
                advice="Choose a model with structured output, or take the schema out of the options above the box.",
            )
    parameters = {**sent, "provider": dict(REQUIRED)}
    return replace(composed, system_prompt=system, parameters=parameters, schema=schema)


def form_of(model: Model | None, *, auto: bool) -> str | None:
    """Return the type of `response_format` that a model takes: `json_schema`, `json_object`, or None for neither.

    Of the auto-router a schema can be asked: it leaves out the models that cannot follow one.
    """
    if auto or (model is not None and (model.supports("structured_outputs") or model.is_router)):
        return "json_schema"
    return "json_object" if model is not None and model.supports("response_format") else None


def enforced(options: RequestOptions) -> bool:
    """Whether the schema, a valid one, can be enforced word by word."""
    return is_strict(tightened(read_schema(options.schema)))
