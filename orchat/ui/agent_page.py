"""The agent's page: a model with tools, every step in sight."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from orchat.agent.cells import code_of
from orchat.connections import Connection
from orchat.runs import Run
from orchat.store import Message
from orchat.ui import (
    agent_options,
    cell_dialog,
    chat_files,
    choices,
    options_panel,
    resources,
    session,
    temporary,
    tools_panel,
)
from orchat.ui.conversation_page import ConversationPage, Starter
from orchat.ui.intents import Decide

if TYPE_CHECKING:
    from orchat.services import Services

STARTERS = (
    (":material/schedule:", "What time is it?", "What time is it now in Tokyo, Nairobi and Lima?"),
    (":material/payments:", "Compare prices", "Which three models with tools are the cheapest, and what do they cost?"),
    (":material/bar_chart:", "Plot something", "Plot a damped oscillation, and show its first peaks as a table."),
    (":material/language:", "Read a page", "Read https://example.com and tell me in a sentence what it says."),
)

ABOUT_DOCUMENTS: Starter = (
    ":material/find_in_page:",
    "Ask your documents",
    "What do my documents say? Search them for the main points, and cite where each stands.",
)


class AgentPage(ConversationPage):
    """Lets a model use tools."""

    kind = "agent"
    title = "What needs doing?"
    invitation = "The agent works with the tools that you allow, shows every step, and asks before anything risky."
    starters = STARTERS
    takes_files = True

    @property
    def placeholder(self) -> str:
        """What the empty box says."""
        return "Give the agent a task"

    def offered_starters(self) -> tuple[Starter, ...]:
        """What to begin with; documents only where there are any."""
        current = session.current()
        there = resources.services().library.has_any(current.owner, current.conversation_id or "")
        return (ABOUT_DOCUMENTS, *STARTERS) if there else STARTERS

    def ask(self, question: Message, connection: Connection) -> Run:
        """Begin a turn."""
        current = session.current()
        return resources.services().ask_agent(current.owner, question, tools_panel.ask(), connection)

    def decide(self, intent: Decide, connection: Connection) -> Run:
        """Go on after decisions."""
        current, services = session.current(), resources.services()
        return services.resume_agent(current.owner, intent.message_id, intent.decisions, tools_panel.ask(), connection)

    def draw(self) -> None:
        """Draw the page, and what is said above it and opens over it."""
        tools_panel.warn()
        super().draw()
        cell_dialog.draw_if_wanted()

    def draw_options(self) -> None:
        """Draw the tools, instructions and limits beside the box, and keep them with the chat."""
        with st.spinner("Loading the tools…"):
            resources.services().toolbox().plugins()
        resources.warm_up_agent()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            tools_panel.draw()
            options_panel.draw()
            agent_options.draw()
            temporary.draw_switch()
            _notebook()
        chat_files.draw()
        choices.keep(resources.services().store)

    def draw_messages(self, messages: list[Message], connection: Connection, *, busy: bool) -> None:
        """Draw what is settled."""
        from orchat.ui import agent_transcript

        if busy:
            # The turn that is on its way may have begun before an approval: it is drawn as one.
            messages = messages[: len(messages) - len(agent_transcript.unfinished(messages))]
        agent_transcript.draw(messages, session.current().below, connection.catalogue.current(), busy=busy)

    def follow(self, run: Run, before: list[Message], answer: Message, connection: Connection) -> None:
        """Draw the turn that is on its way."""
        from orchat.ui.agent_live import LiveTurn
        from orchat.ui.agent_transcript import citable, unfinished
        from orchat.ui.json_answer import schema_of

        pace, catalogue = resources.services().runs.pace, connection.catalogue.current()
        as_code = schema_of(answer) is not None
        LiveTurn(
            run, unfinished(before), catalogue, citable(before), auto=answer.auto, pace=pace, as_code=as_code
        ).follow()


def _notebook() -> None:
    """Offer the code of the conversation, with what it gave, as a notebook."""
    current, services = session.current(), resources.services()
    ran = current.earlier or any(code_of(message) is not None for message in current.branch)
    if current.conversation_id is not None and ran:
        st.download_button(
            "Notebook",
            partial(_written, services, current.owner, current.conversation_id),
            file_name="orchat.ipynb",
            mime="application/x-ipynb+json",
            key="notebook",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help="The code of this chat with its results, for Jupyter.",
        )


def _written(services: "Services", owner: str, conversation_id: str) -> bytes:
    from orchat.agent.notebook import notebook

    return notebook(services.chats.branch(owner, conversation_id), partial(services.store.file_data, owner))


PAGE = AgentPage()
