"""Asking: what is set for a chat, composed for the model that is asked, before anything is said or sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orchat.errors import OrchatError
from orchat.presets.options import compose
from orchat.presets.variables import known_values, missing
from orchat.turn import Ask, describe
from orchat.ui import resources, routing_fields, session
from orchat.ui.intents import Continue, Retry
from orchat.wire import AUTO_MODEL

if TYPE_CHECKING:
    from orchat.openrouter import Model
    from orchat.ui.intents import Intent
    from orchat.ui.tab import Session


def model_of(ask: Ask) -> Model | None:
    """Return the model that is asked; None where the auto-router chooses, or it is not listed."""
    return resources.connection().catalogue.current().find(ask.model) if ask.model and not ask.auto else None


def known(ask: Ask) -> dict[str, str]:
    """Return the values of the built-in variables."""
    model, person = model_of(ask), session.current().person
    return known_values(session.local_now(), user=person.name, model=model.short_name if model else "")


def composed(ask: Ask) -> Ask:
    """Return `ask` with the system prompt, parameters and schema that are set, as its model gets them.

    Raises:
        InvalidRequestError: a variable has no value, or the schema is none.
        ParametersUnsupportedError: the model cannot answer as the schema asks.
    """
    request = session.current().request
    made = compose(request, model_of(ask), known(ask), auto=ask.auto)
    stand_in, _ = routing_fields.usable(request.route, resources.connection().catalogue.current(), zdr=ask.zdr)
    return replace(
        ask,
        system_prompt=made.system_prompt,
        parameters={**ask.parameters, **made.parameters},
        schema=made.schema,
        fallbacks=tuple(stand_in),
        provider=made.provider,
    )


def asks(current: Session) -> list[Ask]:
    """Return what is asked of each model that is compared, or of the one; what is set is composed for each of them.

    Raises:
        OrchatError: as `composed`.
    """
    shared = replace(current.ask, documents=current.documents, web=current.web, reading=current.reading)
    if not comparing(current) or _of_one(current.intent):
        return [composed(shared)]
    each = [
        composed(replace(shared, auto=model == AUTO_MODEL, model=None if model == AUTO_MODEL else model))
        for model in current.compared
    ]
    # Another model's answer in its column would be nothing to compare.
    return [replace(ask, fallbacks=()) for ask in each]


def comparing(current: Session) -> bool:
    """Whether a question goes to several models."""
    return current.kind == "chat" and bool(current.compared)


def _of_one(intent: Intent | None) -> bool:
    """Whether one answer is wanted, also while several models are compared: another version of one, or its end."""
    return isinstance(intent, Continue) or (isinstance(intent, Retry) and intent.model is not None)


def lacking(current: Session) -> list[str]:
    """Return the names of the variables that have no value yet."""
    return missing(current.request.system_prompt, {**known(current.ask), **current.request.variables})


def ready(current: Session) -> bool:
    """Put what is set into what is asked. Otherwise what was to be sent waits for values, or goes back into the box."""
    if lacking(current):
        current.postponed, current.intent = current.intent, None
        return False
    try:
        current.asks = asks(current)
    except OrchatError as error:
        current.problem = describe(error)
        current.give_back()
        return False
    return True
