"""What is chosen on a page, as it is kept with a chat: stored when it changes, restored when the chat is opened."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from orchat.media.taking import Reading
from orchat.presets.contents import content_of
from orchat.presets.options import RequestOptions
from orchat.ui import session
from orchat.ui.choice_keys import (
    AUTO,
    COMPARED,
    COST,
    DOCUMENTS,
    MODEL,
    READING,
    SERVER_TOOLS,
    STEPS,
    TIER,
    TOOLS,
    WEB,
    ZDR,
)
from orchat.ui.tab import Session
from orchat.wire import AUTO_MODEL

if TYPE_CHECKING:
    from orchat.openrouter import Model
    from orchat.store import Preset, Store

_MISSING = object()


def as_settings(current: Session) -> dict[str, Any]:
    """Return the model and toggles as they are stored with a chat."""
    chosen: dict[str, Any] = {MODEL: current.ask.model, AUTO: current.ask.auto, ZDR: current.ask.zdr}
    if current.ask.auto:
        chosen[TIER] = current.ask.auto_router.cost_tier or ""
    if current.kind == "chat":
        chosen |= {DOCUMENTS: current.documents, WEB: current.web, READING: str(current.reading)}
        chosen[COMPARED] = list(current.compared)
    if current.kind == "agent":
        chosen |= {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(current.options).items()}
    # What was never set needs no word of it; what was, and is taken back, does.
    set_here = {name: value for name, value in current.request.to_settings().items() if value or name in current.kept}
    # No model is none chosen yet; no tools are all of them, which has to be kept.
    return {name: value for name, value in chosen.items() if value is not None or name == TOOLS} | set_here


def keep(store: Store) -> None:
    """Store the choices with the open chat as soon as they change: a reload must not lose zero data retention."""
    current = session.current()
    chosen = as_settings(current)
    changed = {name: value for name, value in chosen.items() if current.kept.get(name, _MISSING) != value}
    if current.conversation_id is not None and changed:
        current.kept = {**current.kept, **changed}
        store.update_settings(current.owner, current.conversation_id, changed)


def restore(settings: dict[str, Any]) -> None:
    """Choose everything as the chat with these settings was last used with."""
    restore_model(settings)
    _restore_tools(settings)
    session.current().set_request(RequestOptions.from_settings(settings))


def apply(preset: Preset) -> None:
    """Choose what a preset holds; what it does not name stays, but for what is set of the request."""
    content, current = content_of(preset.content), session.current()
    restore_model(content)
    if DOCUMENTS in content:
        session.set_widget(DOCUMENTS, value=content[DOCUMENTS])
        current.documents = content[DOCUMENTS]
    if WEB in content:
        session.set_widget(WEB, value=content[WEB])
    if READING in content:
        session.set_widget(READING, value=_reading(content[READING]))
    if COMPARED in content:
        session.set_widget(COMPARED, value=content[COMPARED])
    if TOOLS in content:
        tools = content[TOOLS]
        current.options = replace(current.options, tools=None if tools is None else tuple(tools))
    if SERVER_TOOLS in content:
        current.options = replace(current.options, server_tools=tuple(content[SERVER_TOOLS]))
    current.set_request(replace(RequestOptions.from_settings(content), preset=preset.id))


def restore_model(settings: dict[str, Any]) -> None:
    """Set model and toggles as a chat was last used with. Zero data retention is turned on with it and never off."""
    current = session.current()
    current.wanted_model = current.stand_in = None
    for key in (MODEL, AUTO, TIER, COST, STEPS):
        if key in settings:
            session.set_widget(key, value=settings[key])
    if settings.get(ZDR):
        session.set_widget(ZDR, value=True)


def _restore_tools(settings: dict[str, Any]) -> None:
    """Choose the tools that a chat was last used with; without a choice all of them, and no documents."""
    current, tools = session.current(), settings.get(TOOLS)
    session.set_widget(COMPARED, value=[str(model) for model in settings.get(COMPARED) or ()])
    session.set_widget(DOCUMENTS, value=bool(settings.get(DOCUMENTS)))
    session.set_widget(WEB, value=bool(settings.get(WEB)))
    session.set_widget(READING, value=_reading(settings.get(READING)))
    current.documents = bool(settings.get(DOCUMENTS))
    current.options = replace(
        current.options,
        tools=None if tools is None else tuple(map(str, tools)),
        server_tools=tuple(map(str, settings.get(SERVER_TOOLS) or ())),
    )


def _reading(kept: object) -> Reading:
    return next((reading for reading in Reading if reading == kept), Reading.HERE)


def choose(model: Model) -> None:
    """Use a model in a new chat."""
    session.new_chat()
    # The model was asked for by name: the default preset, which may have another, is left out.
    session.current().fresh = False
    session.current().set_request(RequestOptions())
    restore_model({MODEL: model.id, AUTO: model.id == AUTO_MODEL})
