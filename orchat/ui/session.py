"""Session: the choices and the open chat of one visitor, and the only module that touches Streamlit's session state."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from orchat.chat import Ask
from orchat.openrouter import Catalogue, Model
from orchat.store import Message
from orchat.wire import AUTO_MODEL

MODEL, AUTO, ZDR, PROMPT = "model", "auto", "zdr", "prompt"
"""Keys of widgets whose value has to be set from outside: restored with a chat, put back after a refusal."""
LOCAL_OWNER = "local"


@dataclass(frozen=True, slots=True)
class Send:
    """Say something new below the shown branch."""

    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Say something else in place of an earlier message."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Answer a question again."""

    question_id: str


Intent = Send | Edit | Retry


@dataclass(slots=True)
class Session:
    """What one browser tab has chosen and has open. Everything worth keeping is in the store."""

    owner: str = LOCAL_OWNER
    key: str | None = field(default=None, repr=False)
    """The visitor's own OpenRouter key: kept here, for as long as the tab, and nowhere else."""
    conversation_id: str | None = None
    ask: Ask = field(default_factory=Ask)
    intent: Intent | None = None
    """What a click asked for; done at the next run, where errors have a place on the page."""
    editing: str | None = None
    deleted: tuple[str, str] | None = None
    """Id and title of the chat deleted last, until the next one is opened: its deletion can be undone."""
    all_chats: bool = False
    turn: int = 0
    """Counts what was sent: the page scrolls to the end with each."""
    notice: str | None = None
    problem: dict[str, Any] | None = None
    """An error that has to be shown at the next run, as `orchat.chat.describe` gives it."""
    branch: list[Message] = field(default_factory=list)
    """The messages of the open chat, as this run has read them."""
    key_wanted: bool = False
    draft: str | None = None
    """What was written and could not be sent: it goes back into the box."""
    address: str | None = None
    """The chat that the address named after the last run; another one means that the visitor went there."""
    answered_by: str | None = None
    """The model that answered last, as OpenRouter names it."""

    def open(self, conversation_id: str | None) -> None:
        """Show another chat, or none."""
        if conversation_id != self.conversation_id:
            self.conversation_id, self.editing = conversation_id, None
            self.turn += 1

    def take_intent(self) -> Intent | None:
        """Return what a click asked for, once."""
        intent, self.intent = self.intent, None
        return intent


def current() -> Session:
    """Return this visitor's session."""
    found: Session = st.session_state.setdefault("session", Session())
    return found


def new_chat() -> None:
    """Show an empty chat; for button callbacks."""
    current().open(None)


def open_chat(conversation_id: str, settings: dict[str, Any]) -> None:
    """Show a chat of the list, with the model and toggles it was last used with; for button callbacks."""
    current().open(conversation_id)
    current().deleted = None
    restore_choices(settings)


def choose(model: Model) -> None:
    """Use a model in a new chat."""
    new_chat()
    restore_choices({MODEL: model.id, AUTO: model.id == AUTO_MODEL})


def local_now() -> datetime:
    """Return the time in the visitor's time zone."""
    try:
        return datetime.now(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.now(UTC)


def take_draft() -> str | None:
    """Return what could not be sent, once."""
    draft, current().draft = current().draft, None
    return draft


def set_widget(key: str, *, value: Any) -> None:
    """Give a widget a value before it is drawn."""
    st.session_state[key] = value


def widget_value(key: str) -> Any:
    """Return a widget's value before it is drawn, None where it has none yet."""
    return st.session_state.get(key)


def restore_choices(settings: dict[str, Any]) -> None:
    """Set model and toggles as a chat was last used with."""
    for key in (MODEL, AUTO, ZDR):
        if key in settings:
            set_widget(key, value=settings[key])


def let_clicks_through() -> None:
    """Let a click end this script run where nothing is drawn: Streamlit looks for one whenever its state is read."""
    current()


def first_model(catalogue: Catalogue, wanted: str | None) -> str | None:
    """Return the model a new visitor begins with: the operator's choice if listed, else the first that is no router."""
    if wanted and (model := catalogue.find(wanted)):
        return model.id
    return next((model.id for model in catalogue.models if not model.is_router), None)
