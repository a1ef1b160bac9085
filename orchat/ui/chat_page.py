"""The chat page: questions and streamed answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchat.ui import resources, session
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

    def ask(self, question: Message, connection: Connection) -> Run:
        """Begin the answer to a question."""
        current = session.current()
        return resources.services().ask(current.owner, question, current.ask, connection)

    def draw_options(self) -> None:
        """Draw nothing: model and privacy are in the sidebar."""

    def draw_messages(self, messages: list[Message], connection: Connection, *, busy: bool) -> None:
        """Draw what is settled."""
        # Here, since the first page of a new process shows no answer and comes sooner without the Markdown parser.
        from orchat.ui import transcript

        transcript.draw(messages, transcript.alternatives(messages), connection.catalogue.current(), busy=busy)

    def follow(self, run: Run, before: list[Message], connection: Connection, *, auto: bool) -> None:  # noqa: ARG002 - an answer stands alone
        """Draw the answer that is on its way."""
        from orchat.ui import live, transcript

        slots = transcript.answer_slots()
        active = resources.services().runs.active
        live.LiveAnswer(slots, run, connection.catalogue.current(), auto=auto, active=active).follow()


PAGE = ChatPage()
