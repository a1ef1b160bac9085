"""The chat page: questions and streamed answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import beside, choices, compare_picker, media_options, options_panel, resources, session, temporary
from orchat.ui.choice_keys import DOCUMENTS
from orchat.ui.conversation_page import ConversationPage

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.runs import Run
    from orchat.store import Message

STARTERS = (
    (":material/lightbulb:", "Explain something", "Explain how a language model chooses the next word."),
    (
        ":material/code:",
        "Write some code",
        "Write a Python function that merges overlapping intervals, with tests.",
    ),
    (":material/balance:", "Compare options", "Compare SQLite and PostgreSQL for a small internal tool, as a table."),
)


class ChatPage(ConversationPage):
    """Talks to a model directly."""

    kind = "chat"
    title = "What is on your mind?"
    invitation = "Ask anything, or begin with one of these."
    starters = STARTERS
    takes_files = True

    @property
    def placeholder(self) -> str:
        """What the empty box says, of pictures as well: it cannot refuse some kinds of files without losing a draft."""
        takes = session.current().takes
        return "Write a message" if takes is None or takes.images else "Write a message · no pictures for this model"

    @property
    def takes_sound(self) -> bool:
        """Whether the chosen model can hear."""
        takes = session.current().takes
        return takes is not None and takes.audio

    def ask(self, question: Message, connection: Connection) -> Run:
        """Begin the answer to a question."""
        current, services = session.current(), resources.services()
        if len(current.asks) > 1:
            runs = services.ask_several(current.owner, question, current.asks, connection)
            beside.show([run.turn.message_id for run in runs])
            return runs[0]
        return services.ask(current.owner, question, current.asks[0], connection)

    def draw_options(self) -> None:
        """Draw what goes with a question: documents, where there are any, the web, files. The sidebar has the model."""
        current, services = session.current(), resources.services()
        there = services.library.has_any(current.owner, current.conversation_id or "")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="chat-options"):
            current.documents = there and st.toggle(
                "Search my documents",
                key=DOCUMENTS,
                persist_state="session",
                help="The passages that suit your question best go to the model with it, and the answer cites them.",
            )
            media_options.draw_web()
            media_options.draw_files()
            options_panel.draw()
            temporary.draw_switch()
            compare_picker.draw(resources.connection())
        choices.keep(services.store)

    def draw_messages(self, messages: list[Message], connection: Connection, *, busy: bool) -> None:
        """Draw what is settled."""
        # Here, since the first page of a new process shows no answer and comes sooner without the Markdown parser.
        from orchat import continuing

        if busy and (begun := continuing.begun(messages)):
            # It is drawn with what continues it, as one.
            messages = messages[: messages.index(begun[0])]
        _draw(messages, connection, busy=busy)

    def draw_beside(self, branch: list[Message], connection: Connection) -> bool:
        """Draw the branch with the answers of several models side by side at its end, if there are."""
        if not (ids := beside.shown(branch)):
            return False
        from orchat.ui import side_by_side

        current = session.current()
        busy = resources.services().runs.is_active(current.owner, current.conversation_id or "")
        _draw(branch[:-1], connection, busy=busy)
        if side_by_side.draw(branch, ids, connection):
            st.rerun()
        side_by_side.wait_for_the_rest()
        return True

    def follow(self, run: Run, before: list[Message], answer: Message, connection: Connection) -> None:
        """Draw the answer that is on its way."""
        from orchat import continuing
        from orchat.ui import json_answer, live, source_chips, transcript

        begun = continuing.begun(before)
        earlier = before[: before.index(begun[0])] if begun else before
        live.LiveAnswer(
            transcript.answer_slots(),
            run,
            connection.catalogue.current(),
            # What it may cite besides is told when the search is over.
            source_chips.of_turns([earlier, begun])[-1],
            auto=answer.auto,
            pace=resources.services().runs.pace,
            as_code=json_answer.schema_of([*begun, answer][0]) is not None,
            begun=begun,
            model=answer.model_asked,
        ).follow()


def _draw(messages: list[Message], connection: Connection, *, busy: bool) -> None:
    from orchat.ui import transcript

    transcript.draw(messages, session.current().below, connection.catalogue.current(), busy=busy)


PAGE = ChatPage()
