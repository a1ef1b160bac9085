"""Session: the choices and the open chat of one visitor, and the only module that touches Streamlit's session state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.agent.ask import Decision
from orchat.media.taking import Reading, Takes
from orchat.people import Person
from orchat.presets.options import RequestOptions
from orchat.turn import Ask
from orchat.ui import identity
from orchat.ui.choice_keys import PROMPT, AgentOptions
from orchat.ui.intents import Cell, Deciding, Edit, HeldBack, Intent, PresetView, Removed, Send, Upload, Window, sent

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.runs import Run
    from orchat.sources import Source
    from orchat.store import Kind, Message, Rating
    from orchat.temporary_chats import Hold

NOBODY = Person("")
"""Whoever has not been let in yet; nothing is theirs."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Where options and Stop go, above the box to write in."""

    options: DeltaGenerator
    stop: DeltaGenerator


@dataclass(slots=True)
class Session:
    """What one browser tab has chosen and has open. Everything worth keeping is in the store."""

    person: Person = NOBODY
    fingerprint: str = ""
    """What the tab said of who is there when the session began."""
    known_until: float = 0.0
    """Until when, by the monotonic clock, it is not looked up again whether this person may be here."""
    key: str | None = field(default=None, repr=False)
    """The visitor's own OpenRouter key: kept here for as long as the tab, and encrypted in the keyring if they want."""
    key_is_made: bool = False
    """Whether it was made for them, and is none that they have brought."""
    key_looked_up: bool = False
    key_again_at: float = 0.0
    """When, by the monotonic clock, a key that was not made is asked for again."""
    connection: Connection | None = field(default=None, repr=False)
    """Held here, so that a visitor's own key is forgotten with the session."""
    conversation_id: str | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    """The choices that are stored with the open chat."""
    restored: str | None = None
    """The chat whose stored choices have been taken over."""
    kind: Kind = "chat"
    """Which of the two pages with conversations is shown, or was last."""
    elsewhere: dict[Kind, str | None] = field(default_factory=dict)
    """What was open on the other page when this one was entered."""
    wanted_kind: Kind | None = None
    """The page that a conversation was chosen for, until it is shown."""
    options: AgentOptions = field(default_factory=AgentOptions)
    request: RequestOptions = field(default_factory=RequestOptions)
    """System prompt, parameters and the form of the answer, as they are set for this chat."""
    edition: int = 0
    """Counts how often what is set was set otherwise than in its fields: each time they are other fields."""
    fields_for: str | None = None
    """The model whose fields were drawn last."""
    fresh: bool = True
    """Whether an empty chat has been opened and not been set to anything yet."""
    postponed: Intent | None = None
    """What is sent once the variables of the system prompt have values."""
    building: bool = False
    """Whether the form of the answer is being built from fields."""
    presets: PresetView | None = None
    """What the dialog of the presets shows, while it is open."""
    decided: dict[str, Decision] = field(default_factory=dict)
    """What has been decided about calls whose neighbours still wait, by the keys of their cards."""
    deciding: dict[str, Deciding] = field(default_factory=dict)
    """The cards that are open to an edit or a reason."""
    ask: Ask = field(default_factory=Ask)
    asks: list[Ask] = field(default_factory=list)
    """What is asked now, of the chosen model or of each that is compared, with all that is set for this chat."""
    documents: bool = False
    """Whether passages of documents go before the questions of the chat page."""
    web: bool = False
    """Whether the web is searched for them."""
    reading: Reading = Reading.HERE
    """Who reads the PDFs that go with them."""
    takes: Takes | None = None
    """What the chosen model takes beside text; None before it is known."""
    web_refused: bool | None = None
    """Whether the switch for the web was drawn locked; None before it was drawn."""
    intent: Intent | None = None
    """What a click or Enter asked for; cleared when it is in the store, so that no error in between loses it."""
    held_back: HeldBack | None = None
    """What may cost much, and waits for a second click."""
    confirmed: bool = False
    """Whether the intent has had that click."""
    editing: str | None = None
    removed: Removed | None = None
    """What was deleted or archived last, until a chat is opened: it can be undone."""
    archive: bool = False
    """Whether the list shows the archived chats."""
    dialog: tuple[str, str] | None = None
    """Name of the dialog that is open, and what it is about: it stays when something else draws the page anew."""
    complaint: str | None = None
    """What could not be done there, and why."""
    found: tuple[str, str] | None = None
    """The message that a search led to, or that was the first before, and when: the page scrolls to it once."""
    wanted_model: str | None = None
    """The model that was chosen and is not on offer at the moment: it is chosen again when it is."""
    stand_in: str | None = None
    """The model that is used until then."""
    all_chats: bool = False
    uploads: int = 0
    """Counts what was added on the files page."""
    doomed: str | None = None
    """The file that is deleted once that is confirmed."""
    favourites: tuple[str, ...] | None = None
    """The models that this person has marked; None until they are read."""
    model_shown: str | None = None
    """The model that is open on the models page."""
    to_chat: bool = False
    """Whether the chat page was asked for, to use a model that was chosen there."""
    model_plotted: str | None = None
    """The model whose point is selected in the plot."""
    models_looked_at: int = 0
    """Counts the dialogs that were closed there."""
    receipt: str | None = None
    """The id of the answer whose receipt is open: it stays so when something else draws the page anew."""
    preview: tuple[Source, str] | None = None
    """What is shown over the page, and the chat that it is cited in."""
    turn: int = 0
    """Counts what was sent: the page scrolls to the end with each."""
    notice: str | None = None
    problem: dict[str, Any] | None = None
    """An error that has to be shown at the next run, as `orchat.turn.describe` gives it."""
    branch: list[Message] = field(default_factory=list)
    """The messages of the open chat, as this script run has read them: those of the window."""
    earlier: bool = False
    """Whether there are others before them."""
    later: bool = False
    """Whether there are others after them."""
    window: Window = field(default_factory=Window)
    """Which part of a long chat is drawn."""
    ratings: dict[str, Rating] = field(default_factory=dict)
    """What the person thinks of its answers."""
    noting: str | None = None
    """The answer that was rated last, until something is said about it."""
    read_during: Run | None = None
    """The answer that was on its way when they were read: they are out of date when it has ended."""
    composer: Composer | None = None
    """What this script run has drawn at the bottom of the page."""
    key_entered: str | None = field(default=None, repr=False)
    """A key that was entered and is not checked yet."""
    draft: str | None = None
    """What was written and could not be sent: it goes back into the box."""
    cell: Cell | None = None
    """The code that a person runs themselves, in the dialog that is open."""
    held: tuple[Upload, ...] = ()
    """Files that came with it: they go with the next message."""
    temporary: bool = False
    """Whether the chat that begins with the next message shall be temporary."""
    holds: dict[str, Hold] = field(default_factory=dict)
    """What keeps the temporary chats of this tab, by their ids: they end with it."""
    compared: tuple[str, ...] = ()
    """The models that answer side by side; none: the chosen one answers."""
    address: str | None = None
    """The chat that the address named after the last run; another one means that the visitor went there."""
    counted: tuple[Run, bool] | None = None
    """The run after whose end the credits were asked for, and whether its title had been paid for by then."""
    answered_by: str | None = None
    """The model that answered last, as OpenRouter names it."""

    @property
    def owner(self) -> str:
        """What everything of this visitor's is kept under."""
        return self.person.owner

    def open(self, conversation_id: str | None) -> None:
        """Show another chat, or none."""
        if conversation_id != self.conversation_id:
            self.conversation_id, self.editing, self.restored = conversation_id, None, None
            self.dialog = self.noting = None
            if self.window.conversation_id != conversation_id:
                self.window = Window()
            self.turn += 1
            self.take_back()
        still = {self.conversation_id, *self.elsewhere.values()}
        self.holds = {chat: hold for chat, hold in self.holds.items() if chat in still}
        self.fresh = conversation_id is None

    def set_request(self, options: RequestOptions) -> None:
        """Set what goes with every question, otherwise than in its fields."""
        self.request = options
        self.edition += 1

    def take_back(self) -> None:
        """Put what waits for a second click back into the box."""
        if self.held_back is not None:
            later, self.intent, self.held_back = self.intent, self.held_back.intent, None
            self.give_back()
            self.intent = later

    def give_back(self) -> None:
        """Put what could not be sent back into the box."""
        if isinstance(self.intent, Send | Edit):
            self.draft = self.intent.text
        if isinstance(self.intent, Send):
            self.held = self.intent.files
        self.intent = None


def current() -> Session:
    """Return this visitor's session; one that somebody else has begun in this tab is gone, with all that it held."""
    found: Session | None = st.session_state.get("session")
    fingerprint = identity.fingerprint()
    if found is None or found.fingerprint != fingerprint:
        if found is not None:
            leave()
        found = st.session_state["session"] = Session(fingerprint=fingerprint)
    return found


def leave() -> None:
    """Let go of everything that this tab has open and has chosen."""
    st.session_state.clear()


def begin(person: Person) -> Session:
    """Return the session of somebody who has been let in."""
    session = current()
    if session.person != person:
        if session.person.owner not in (NOBODY.owner, person.owner):
            leave()
            session = current()
        session.person = person
    return session


def new_chat() -> None:
    """Show an empty chat, from whichever page; for button callbacks."""
    session = current()
    session.wanted_kind = session.kind
    session.open(None)


def open_chat(conversation_id: str, kind: Kind) -> None:
    """Show a chat of the list, on the page of its kind; for button callbacks."""
    session = current()
    session.removed, session.wanted_kind = None, kind
    if kind == session.kind:
        session.open(conversation_id)
    else:
        session.elsewhere[kind] = conversation_id


def enter(kind: Kind) -> None:
    """Show the page of a kind of conversations, with what was open there."""
    session = current()
    session.wanted_kind = None
    if session.kind != kind:
        session.elsewhere[session.kind] = session.conversation_id
        session.kind, session.address = kind, None
        session.open(session.elsewhere.get(kind))


def submitted() -> None:
    """Take what was written in the box; for its callback, which runs before anything that could fail."""
    session = current()
    session.intent, session.held = sent(widget_value(PROMPT), session.held), ()


def may_share() -> bool:
    """Whether this visitor may put documents on everybody's shelf, and take them off it."""
    return current().person.operator


def local_now() -> datetime:
    """Return the time in the visitor's time zone."""
    try:
        return datetime.now(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.now(UTC)


def visit(message_id: str) -> tuple[str, str]:
    """Return a message and this moment: the page scrolls to it, once."""
    return message_id, datetime.now(UTC).isoformat()


def take_draft() -> str | None:
    """Return what could not be sent, once."""
    draft, current().draft = current().draft, None
    return draft


def set_widget(key: str, *, value: Any) -> None:
    """Give a widget a value before it is drawn."""
    st.session_state[key] = value


def forget_widget(key: str) -> None:
    """Let a widget begin anew with its first value."""
    st.session_state.pop(key, None)


def widget_value(key: str) -> Any:
    """Return a widget's value before it is drawn, None where it has none yet."""
    return st.session_state.get(key)


def field_key(name: str, value: Any) -> str:
    """Return the key of a field that shows what is set; one that is not on the page yet begins with `value`.

    What is set from elsewhere is shown by another field: a browser that sends an older value of the same one, since
    the new one is still on its way to it, would set it back.
    """
    key = f"{name}-{current().edition}"
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def field_value(name: str) -> Any:
    """Return the value of a field in its callback."""
    return st.session_state.get(f"{name}-{current().edition}")


def let_clicks_through() -> None:
    """Let a click end this script run where nothing is drawn: Streamlit looks for one whenever its state is read."""
    current()
