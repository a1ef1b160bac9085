"""The tab: all that one visitor has chosen and has open, as one typed object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamlit.delta_generator import DeltaGenerator

from orchat.agent.ask import Decision
from orchat.media.taking import Reading, Takes
from orchat.people import Person
from orchat.presets.options import RequestOptions
from orchat.turn import Ask
from orchat.ui.choice_keys import AgentOptions
from orchat.ui.intents import Cell, Deciding, Edit, HeldBack, Intent, PresetView, Removed, Send, Upload, Window

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
    drawing: bool = False
    """Whether their page is being drawn: it has looked at its beginning. Clicks come before that."""
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
    taken_out: str | None = None
    """What was deleted in the open chat last, by the id under which it can be brought back, until the chat goes on."""
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
    below: dict[str | None, list[str]] = field(default_factory=dict)
    """What else follows them, as `BranchPart.below`."""
    window: Window = field(default_factory=Window)
    """Which part of a long chat is drawn."""
    ratings: dict[str, Rating] = field(default_factory=dict)
    """What the person thinks of its answers."""
    noting: str | None = None
    """The answer that was rated last, until something is said about it."""
    read_during: Run | None = None
    """The answer that was on its way when they were read: they are out of date when it has ended."""
    composer: Composer | None = None
    switch: DeltaGenerator | None = None
    """Where a chat that has not begun is made a temporary one."""
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
            self.dialog = self.noting = self.taken_out = None
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
