"""The agent's page: a model with tools, every step in sight."""

import streamlit as st

from orchat.connections import Connection
from orchat.runs import Run
from orchat.store import Message
from orchat.ui import agent_options, resources, session, tools_panel
from orchat.ui.conversation_page import ConversationPage
from orchat.ui.intents import Decide

STARTERS = (
    (":material/schedule:", "What time is it?", "What time is it now in Tokyo, Nairobi and Lima?"),
    (":material/payments:", "Compare prices", "Which three models with tools are the cheapest, and what do they cost?"),
    (":material/language:", "Read a page", "Read https://example.com and tell me in a sentence what it says."),
)


class AgentPage(ConversationPage):
    """Lets a model use tools."""

    kind = "agent"
    title = "What needs doing?"
    invitation = "The agent works with the tools that you allow, shows every step, and asks before anything risky."
    starters = STARTERS
    placeholder = "Give the agent a task"

    def ask(self, question: Message, connection: Connection) -> Run:
        """Begin a turn."""
        current = session.current()
        return resources.services().ask_agent(current.owner, question, tools_panel.ask(), connection)

    def decide(self, intent: Decide, connection: Connection) -> Run:
        """Go on after decisions."""
        current, services = session.current(), resources.services()
        return services.resume_agent(current.owner, intent.message_id, intent.decisions, tools_panel.ask(), connection)

    def draw_options(self) -> None:
        """Draw the tools, instructions and limits beside the box, and keep them with the chat."""
        with st.spinner("Loading the tools…"):
            resources.services().toolbox().plugins()
        resources.warm_up_agent()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            tools_panel.draw()
            agent_options.draw()
        session.keep_choices(resources.services().store)

    def draw_messages(self, messages: list[Message], connection: Connection, *, busy: bool) -> None:
        """Draw what is settled."""
        from orchat.ui import agent_transcript, transcript

        below = transcript.alternatives(messages)
        if busy:
            # The turn that is on its way may have begun before an approval: it is drawn as one.
            messages = messages[: len(messages) - len(agent_transcript.unfinished(messages))]
        agent_transcript.draw(messages, below, connection.catalogue.current(), busy=busy)

    def follow(self, run: Run, before: list[Message], connection: Connection, *, auto: bool) -> None:
        """Draw the turn that is on its way."""
        from orchat.ui.agent_live import LiveTurn
        from orchat.ui.agent_transcript import unfinished

        active = resources.services().runs.active
        LiveTurn(run, unfinished(before), connection.catalogue.current(), auto=auto, active=active).follow()


PAGE = AgentPage()
