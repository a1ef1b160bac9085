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
from orchat.turn import Ask
from orchat.ui import identity
from orchat.ui.choice_keys import PROMPT, AgentOptions
from orchat.ui.intents import Cell, Deciding, Edit, Intent, Send, Upload, sent

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.runs import Run
    from orchat.sources import Source
    from orchat.store import Kind, Message

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
    key_looked_up: bool = False
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
    """The page that the chosen conversation is shown on, where it is another one."""
    options: AgentOptions = field(default_factory=AgentOptions)
    decided: dict[str, Decision] = field(default_factory=dict)
    """What has been decided about calls whose neighbours still wait, by the keys of their cards."""
    deciding: dict[str, Deciding] = field(default_factory=dict)
    """The cards that are open to an edit or a reason."""
    ask: Ask = field(default_factory=Ask)
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
    editing: str | None = None
    deleted: tuple[str, str] | None = None
    """Id and title of the chat deleted last, until the next one is opened: its deletion can be undone."""
    found: tuple[str, str] | None = None
    """The message that a search led to, and when: the page scrolls to it once."""
    wanted_model: str | None = None
    """The model that was chosen and is not on offer at the moment: it is chosen again when it is."""
    stand_in: str | None = None
    """The model that is used until then."""
    all_chats: bool = False
    uploads: int = 0
    """Counts what was added on the files page."""
    doomed: str | None = None
    """The file that is deleted once that is confirmed."""
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
    """The messages of the open chat, as this script run has read them."""
    read_during: Run | None = None
    """The answer that was on its way when they were read: they are out of date when it has ended."""
    composer: Composer | None = None
    """What this script run has drawn at the bottom of the page."""
    key_wanted: bool = False
    draft: str | None = None
    """What was written and could not be sent: it goes back into the box."""
    cell: Cell | None = None
    """The code that a person runs themselves, in the dialog that is open."""
    held: tuple[Upload, ...] = ()
    """Files that came with it: they go with the next message."""
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
            self.turn += 1

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
    """Show an empty chat; for button callbacks."""
    current().open(None)


def open_chat(conversation_id: str, kind: Kind) -> None:
    """Show a chat of the list, on the page of its kind; for button callbacks."""
    session = current()
    session.deleted = None
    if kind == session.kind:
        session.open(conversation_id)
    else:
        session.elsewhere[kind], session.wanted_kind = conversation_id, kind


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


def let_clicks_through() -> None:
    """Let a click end this script run where nothing is drawn: Streamlit looks for one whenever its state is read."""
    current()
