"""The chat page: the open chat, the answer that is on its way, and the box to write in."""

from typing import NoReturn

import streamlit as st

from orchat.connections import Connection, KeySource
from orchat.errors import AuthenticationError, NotFoundError, OrchatError
from orchat.runs import Run
from orchat.services import Services
from orchat.store import Message
from orchat.turn import describe
from orchat.ui import components, error_card, resources, session
from orchat.ui.session import PROMPT, Edit, Intent, Retry, Send, Session

CHAT_PARAMETER = "chat"
STARTERS = (
    (":material/lightbulb:", "Explain something", "Explain how a language model chooses the next word."),
    (
        ":material/code:",
        "Write some code",
        "Write a Python function that merges overlapping intervals, with tests.",
    ),
    (":material/balance:", "Compare options", "Compare SQLite and PostgreSQL for a small internal tool, as a table."),
)


def prepare() -> None:
    """Open the chat that the address names, and read it: the sidebar, which is drawn first, depends on it."""
    current, services = session.current(), resources.services()
    _follow_address(current, services)
    current.branch = []
    if current.conversation_id is not None:
        _restore_choices(current, services)
        current.branch = services.branch(current.owner, current.conversation_id)
        answered = (message.model_answered for message in reversed(current.branch) if message.model_answered)
        current.answered_by = next(answered, current.answered_by)
        _count(current, services)


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
        session.restore_choices(current.kept)
        current.restored = current.conversation_id


def draw() -> None:
    """Draw the page."""
    current, services, connection = session.current(), resources.services(), resources.connection()
    _simulation_note(connection)
    if current.problem is not None:
        error_card.draw(current.problem, key="address")
        current.problem = None
    run = _run(current, services)
    _composer(run)
    if current.intent is not None:
        _act(current.intent, run, current, services, connection)
    # Before the answer: what comes after it is not on the page until it has ended.
    components.follow_end(current.turn)
    # Always there, empty or not: what a run leaves out stays on the page, faded, until the run ends, and one that
    # follows an answer may take minutes.
    invitation = st.empty()
    if current.branch:
        _conversation(current.branch, run, current, services, connection)
    else:
        with invitation.container():
            _empty_state()


def _follow_address(current: Session, services: Services) -> None:
    """Open the chat that the address names, and name the open one in it: reload, second tab and going back find it."""
    named = st.query_params.get(CHAT_PARAMETER)
    if named and named != current.address:
        try:
            chat = services.store.conversation(current.owner, named)
        except NotFoundError as error:
            current.problem = describe(error)
            current.open(None)
        else:
            session.open_chat(chat.id)
    if current.conversation_id and named != current.conversation_id:
        st.query_params[CHAT_PARAMETER] = current.conversation_id
    elif named and not current.conversation_id:
        del st.query_params[CHAT_PARAMETER]
    current.address = current.conversation_id


def _simulation_note(connection: Connection) -> None:
    if connection.source is KeySource.DEMO:
        st.info(
            "**Replies are simulated.** To talk to real models, press *Use my OpenRouter key* in the sidebar, "
            "or set `OPENROUTER_API_KEY` and start orchat again.",
            icon=":material/theater_comedy:",
        )
    elif connection.source is KeySource.NONE:
        st.info("**A key is needed.** Press *Use my OpenRouter key* in the sidebar, or set `OPENROUTER_API_KEY`.")


def _run(current: Session, services: Services) -> Run | None:
    return services.runs.find(current.owner, current.conversation_id) if current.conversation_id else None


def _composer(run: Run | None) -> None:
    """Draw the box, and Stop while an answer streams. It is drawn first: the answer may take long."""
    if draft := session.take_draft():
        session.set_widget(PROMPT, value=draft)
    with st.bottom, st.container(key="composer"):
        if run is not None and run.active:
            st.button("Stop", icon=":material/stop_circle:", key="stop", on_click=run.stop, width="stretch")
        st.chat_input("Write a message", key=PROMPT, on_submit=session.submitted)


def _act(intent: Intent, run: Run | None, current: Session, services: Services, connection: Connection) -> NoReturn:
    """Do what the person asked for: keep the words first, then send them."""
    if run is not None and run.active:
        current.notice = "Still answering: stop it or wait. Your message is back in the box."
        current.give_back()
        st.rerun()
    if connection.source is KeySource.NONE:
        current.give_back()
        current.key_wanted = True
        raise AuthenticationError("There is no OpenRouter key yet.")
    try:
        question = _question(intent, current, services)
    except OrchatError:
        current.give_back()
        raise
    current.intent = None
    services.ask(current.owner, question, current.ask, connection)
    current.turn += 1
    # The list of chats, the Stop button and the address were drawn before this.
    st.rerun()


def _question(intent: Intent, current: Session, services: Services) -> Message:
    store, owner = services.store, current.owner
    if isinstance(intent, Retry):
        return store.message(owner, intent.question_id)
    if isinstance(intent, Edit):
        edited = store.message(owner, intent.message_id)
        return services.say(owner, edited.conversation_id, intent.text, edited.parent_id)
    if current.conversation_id is None:
        chat = store.create_conversation(owner, settings=current.choices)
        current.conversation_id = current.restored = chat.id
        current.kept = chat.settings
    leaf = store.conversation(owner, current.conversation_id).leaf_id
    return services.say(owner, current.conversation_id, intent.text, leaf)


def _conversation(
    branch: list[Message], run: Run | None, current: Session, services: Services, connection: Connection
) -> None:
    # Here, since the first page of a new process shows no answer and comes sooner without the Markdown parser.
    from orchat.ui import live, transcript

    catalogue = connection.catalogue.current()
    alternatives = services.store.alternatives(current.owner, branch[0].conversation_id)
    following = run is not None and run.active and run.turn.message_id == branch[-1].id
    settled = branch[:-1] if following else branch
    transcript.draw(settled, alternatives, catalogue, busy=following)
    if run is not None and following:
        slots = transcript.answer_slots()
        auto = branch[-1].auto
        live.LiveAnswer(slots, run, catalogue, auto=auto, active=services.runs.active).follow()
        st.rerun()
    if branch[-1].state == "streaming" and not following:
        _look_again(branch[-1])
    if run is not None and not run.settled.is_set():
        _wait_for_the_rest(run)


@st.fragment(run_every=0.5)
def _wait_for_the_rest(run: Run) -> None:
    """Title and cost arrive a moment after the answer: draw the page again when they are there."""
    if run.settled.is_set():
        st.rerun(scope="app")


@st.fragment(run_every=2.0)
def _look_again(drawn: Message) -> None:
    """Watch an answer that another process writes, or that nobody writes any more, until it is known which."""
    st.caption("This answer is being written by another process, or was interrupted. Looking again…")
    if resources.services().branch(session.current().owner, drawn.conversation_id)[-1] != drawn:
        st.rerun(scope="app")


def _empty_state() -> None:
    st.title("What is on your mind?")
    st.markdown("Ask anything, or begin with one of these.")
    with st.container(horizontal=True, gap="small"):
        for number, (icon, label, text) in enumerate(STARTERS):
            st.button(label, key=f"starter-{number}", icon=icon, on_click=_start, args=(text,), help=text)


def _start(text: str) -> None:
    session.current().intent = Send(text)
