"""The page of a conversation: what the chat page and the agent's page have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

import streamlit as st

from orchat.errors import AuthenticationError, NotFoundError, OrchatError
from orchat.temporary import is_temporary
from orchat.turn import describe
from orchat.ui import (
    answer_menu,
    asking,
    choices,
    components,
    composing,
    confirming,
    error_card,
    notes,
    options_panel,
    preset_picker,
    removing,
    resources,
    sending,
    session,
    temporary,
    window,
)
from orchat.ui.choice_keys import PROMPT
from orchat.ui.intents import Decide, Intent, Send, Window
from orchat.ui.tab import Composer, Session

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.runs import Run
    from orchat.services import Services
    from orchat.store import Kind, Message

CHAT_PARAMETER = "chat"
LARGEST_UPLOAD = 25
"""Megabytes that the browser sends of one file; the store keeps no larger ones."""
BRANCHED = "The chat goes on from here. What came after the earlier version is kept: ‹ leads back to it."
Starter = tuple[str, str, str]
"""Icon, label and text of something to begin with."""


class ConversationPage(ABC):
    """The open conversation, the answer that is on its way, and the box to write in."""

    kind: ClassVar[Kind]
    title: ClassVar[str]
    invitation: ClassVar[str]
    starters: ClassVar[tuple[Starter, ...]]
    takes_files: ClassVar[bool] = False

    @property
    def placeholder(self) -> str:
        """What the empty box says."""
        return "Write a message"

    @property
    def takes_sound(self) -> bool:
        """Whether the box records what somebody says."""
        return False

    @abstractmethod
    def ask(self, question: Message, connection: Connection) -> Run:
        """Begin the answer to a question."""

    @abstractmethod
    def draw_messages(self, messages: list[Message], connection: Connection, *, busy: bool) -> None:
        """Draw what is settled; while an answer is on its way (`busy`) nothing can be asked for."""

    @abstractmethod
    def follow(self, run: Run, before: list[Message], answer: Message, connection: Connection) -> None:
        """Draw the answer that is on its way until it has ended, as it is told; `before` is what is settled."""

    def decide(self, intent: Decide, connection: Connection) -> Run:
        """Go on after decisions; only the agent's page has any."""
        raise NotImplementedError

    def draw_beside(self, branch: list[Message], connection: Connection) -> bool:  # noqa: ARG002 - others look at it
        """Draw the branch with several answers side by side at its end; False where it has one, as on most pages."""
        return False

    def offered_starters(self) -> tuple[Starter, ...]:
        """What to begin with."""
        return self.starters

    @abstractmethod
    def draw_options(self) -> None:
        """Draw what belongs beside the box."""

    def draw_box(self) -> None:
        """Draw the box to write in, before anything is loaded or asked for; what stands above it gets its places."""
        if draft := session.take_draft():
            session.set_widget(PROMPT, value=draft)
        with st.bottom, st.container(key="composer"):
            session.current().composer = Composer(st.container(gap=None), st.empty())
            waits = session.current().held_back is not None
            accepted: Literal["multiple"] | bool = "multiple" if self.takes_files else False
            st.chat_input(
                self.placeholder,
                key=PROMPT,
                on_submit=session.submitted,
                accept_file=accepted,
                max_upload_size=LARGEST_UPLOAD,
                accept_audio=self.takes_sound,
                disabled=waits,
            )

    def prepare(self) -> None:
        """Open the chat that the address names, and read it: the sidebar, which is drawn first, depends on it."""
        current, services = session.current(), resources.services()
        session.enter(self.kind)
        self._follow_address(current, services)
        temporary.leave_if_gone(current)
        current.branch = []
        if current.conversation_id is None and current.fresh:
            preset_picker.begin_anew()
        if current.conversation_id is not None:
            _restore_choices(current, services)
            run = _run(current, services)
            current.read_during = run if run is not None and run.active else None
            window.read(current, services)
            answered = (message.model_answered for message in reversed(current.branch) if message.model_answered)
            current.answered_by = next(answered, current.answered_by)
            _count(current, services)

    def _follow_address(self, current: Session, services: Services) -> None:
        """Open the chat that the address names, and name the open one: reload, second tab and going back find it."""
        named = st.query_params.get(CHAT_PARAMETER)
        if named and named != current.address and not is_temporary(named):
            try:
                chat = services.store.conversation(current.owner, named)
            except NotFoundError as error:
                current.problem = describe(error)
                current.open(None)
            else:
                session.open_chat(chat.id, chat.kind)
        if current.wanted_kind not in (None, self.kind):
            return
        current.wanted_kind = None
        # A temporary chat is this tab's alone: no address leads to it.
        address = None if is_temporary(current.conversation_id) else current.conversation_id
        if address and named != address:
            st.query_params[CHAT_PARAMETER] = address
        elif named and not address:
            del st.query_params[CHAT_PARAMETER]
        current.address = address

    def act(self) -> None:
        """Draw the options, and do what the person asked for: what is drawn below shows it already."""
        current, services, connection = session.current(), resources.services(), resources.connection()
        if current.composer is not None:
            with current.composer.options:
                self.draw_options()
        if current.intent is not None:
            self._act(current.intent, _run(current, services), current, connection)
            temporary.draw_begun()
            self.prepare()

    def draw(self) -> None:
        """Draw the page."""
        current, services, connection = session.current(), resources.services(), resources.connection()
        notes.draw_simulation(connection)
        if current.problem is not None:
            error_card.draw(current.problem, key="address")
            current.problem = None
        run = _run(current, services)
        if current.composer is not None:
            composing.complete(current.composer, run, connection)
        answer_menu.draw_dialog()
        options_panel.draw_dialogs()
        temporary.draw_banner()
        # Before the answer: what comes after it is not on the page until it has ended.
        components.follow_end(current.turn)
        # Always there, empty or not: what a run leaves out stays on the page, faded, until the run ends, and one that
        # follows an answer may take minutes.
        invitation = st.empty()
        if current.branch:
            self._conversation(current.branch, run, connection)
        else:
            with invitation.container():
                self._empty_state()
        removing.draw_undo()

    def _act(self, intent: Intent, run: Run | None, current: Session, connection: Connection) -> None:
        """Keep the words first, then send them; the page is drawn anew if that needs something else before."""
        if run is not None and run.active:
            current.notice = "Still answering: stop it or wait. Your message is back in the box."
            current.give_back()
            st.rerun()
        if connection.keyless:
            current.give_back()
            current.dialog = ("key", "")
            raise AuthenticationError("There is no OpenRouter key yet.")
        sent = False
        with sending.other_model(intent, current):
            if asking.ready(current) and not confirming.holds_back(intent, connection):
                sent = self._send(intent, current, connection)
        if not sent:
            # The box, and what is open over the page, were drawn before this.
            st.rerun()

    def _send(self, intent: Intent, current: Session, connection: Connection) -> bool:
        """Send it; False if it could not be, and has been given back."""
        if isinstance(intent, Decide):
            current.intent = None
            self.decide(intent, connection)
        else:
            try:
                question = sending.question_of(intent, self.kind, current)
            except OrchatError as error:
                # Words and files go back into the box, which was drawn before this.
                current.problem = describe(error)
                current.give_back()
                return False
            left = sending.hides_more(intent, current.branch)
            current.intent = current.taken_out = None
            current.window = Window()
            connection.account.mark()
            self.ask(question, connection)
            if left:
                current.notice = BRANCHED
        current.turn += 1
        return True

    def _conversation(self, branch: list[Message], run: Run | None, connection: Connection) -> None:
        if run is not None and not run.active and session.current().read_during is run:
            # It has ended since the messages were read.
            st.rerun()
        if self.draw_beside(branch, connection):
            return
        begun = [message.id for message in branch]
        following = run is not None and run.active and run.turn.message_id in begun
        # What the run has written so far is drawn from its events, the same way as what is still to come.
        written_at = begun.index(run.turn.message_id) if run is not None and following else len(branch)
        settled = branch[:written_at]
        window.draw_earlier()
        self.draw_messages(settled, connection, busy=following)
        window.draw_later()
        if run is not None and following:
            self.follow(run, settled, branch[written_at], connection)
            st.rerun()
        if branch[-1].state == "streaming" and not following and not session.current().later:
            notes.look_again(branch[-1])
        if run is not None and not run.settled.is_set():
            notes.wait_for_the_rest(run)

    def _empty_state(self) -> None:
        st.title(self.title)
        st.markdown(self.invitation)
        with st.container(horizontal=True, gap="small"):
            for number, (icon, label, text) in enumerate(self.offered_starters()):
                st.button(label, key=f"starter-{number}", icon=icon, on_click=_start, args=(text,), help=text)
        preset_picker.draw_shelf()


def _count(current: Session, services: Services) -> None:
    """Ask for the credits after each answer, however it ended and whoever followed it."""
    run = _run(current, services)
    if run is None or run.active:
        return
    ended = (run, run.settled.is_set())
    if current.counted != ended:
        current.counted = ended
        resources.connection().account.refresh()


def _restore_choices(current: Session, services: Services) -> None:
    if current.restored != current.conversation_id and current.conversation_id is not None:
        current.kept = services.store.conversation(current.owner, current.conversation_id).settings
        choices.restore(current.kept)
        current.restored = current.conversation_id


def _run(current: Session, services: Services) -> Run | None:
    return services.runs.find(current.owner, current.conversation_id) if current.conversation_id else None


def _start(text: str) -> None:
    session.current().intent = Send(text)
