"""Services: what all visitors share, put together once from the settings."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchat import ledger
from orchat.agent.ask import AgentAsk, Decision
from orchat.agent.attachments import attach, shelve
from orchat.chat import ChatTurn
from orchat.connections import Connection, Connections
from orchat.errors import RunInProgressError
from orchat.fair_queue import FairQueue
from orchat.library import Library
from orchat.logs import log_to_the_console
from orchat.media.taking import Takes
from orchat.openrouter import Account
from orchat.runs import CLOSE_WITHIN, Run, Runs, Turn
from orchat.settings import Settings
from orchat.sources import Documents
from orchat.store import Message, Store
from orchat.turn import Ask, say
from orchat.upkeep import Step, keep_up
from orchat.wire import JSON
from orchat.workshop import Workshop

if TYPE_CHECKING:
    from orchat.agent.hand import HandCall
    from orchat.agent.interpreters import Interpreters
    from orchat.agent.toolbox import Toolbox
    from orchat.agent.turn import Workplace

STALE_AFTER = timedelta(seconds=10)
"""An answer that nobody has saved for so long is not being written any more: it is saved every second."""
PURGE_AFTER = timedelta(days=7)
TOOLS = Path(__file__).parents[1] / "tools"
"""Where the plugins of this installation are."""


class Services:
    """Settings, store, runs and connections of one process."""

    def __init__(self, settings: Settings, *, loopback_only: bool = False) -> None:
        """`loopback_only`: nobody but this machine reaches the page."""
        log_to_the_console(settings.log_level, settings.log_format)
        self.settings = settings
        self._closed = False
        self.runs = Runs(queue=FairQueue(settings.runs_at_once, settings.runs_each))
        self.store = Store.open(settings.store_url)
        self._workshop = Workshop(settings, self.store, self.runs.submit, [TOOLS], loopback_only=loopback_only)
        self.connections = Connections(settings, self.runs.submit)
        self.runs.submit(keep_up(self._upkeep()))

    def _upkeep(self) -> tuple[Step, ...]:
        """What crashes, deletions and finished runs leave behind."""
        return (
            self.runs.forget_old,
            lambda: asyncio.to_thread(self.library.close_idle),
            lambda: asyncio.to_thread(self.store.recover, STALE_AFTER),
            lambda: asyncio.to_thread(self._purge),
            lambda: asyncio.to_thread(self.store.close_abandoned_calls),
            self.settle_leftovers,
        )

    def _purge(self) -> None:
        if purged := self.store.purge_deleted(PURGE_AFTER):
            self._workshop.forget(purged)

    async def settle_leftovers(self) -> None:
        """Look up what answers cost that ended without saying so, in this process or an earlier one."""
        if self.settings.api_key is None or self.settings.simulated:
            return
        await ledger.settle_leftovers(self.store, self.connections.get().client)

    def connection(self, visitor_key: str | None = None) -> Connection:
        """Return the connection for a visitor's own key, else the server's, else the embedded OpenRouter's."""
        return self.connections.get(visitor_key)

    def check_key(self, key: str) -> Account:
        """Ask OpenRouter about a key that a visitor entered; raises as `Connections.check_key`."""
        return self.connections.check_key(key)

    def ask(self, owner: str, question: Message, ask: Ask, connection: Connection) -> Run:
        """Begin the answer to a question that is in the store already.

        Raises:
            RunInProgressError: the chat is still being answered.
        """
        ask = replace(ask, zdr=ask.zdr or self.settings.require_zdr)
        return self._start(
            owner,
            question,
            lambda: ChatTurn(
                self.store,
                connection.client,
                owner,
                question,
                ask,
                simulated=connection.simulated,
                title_model=self._title_model,
                listed=connection.catalogue.lists_zdr,
                documents=Documents.before(question, owner, self.store, self.library) if ask.documents else None,
                takes=Takes.of(connection.catalogue.current().find(ask.asked or "")),
            ),
        )

    def ask_agent(
        self, owner: str, above: Message, ask: AgentAsk, connection: Connection, decisions: Sequence[Decision] = ()
    ) -> Run:
        """Let the agent answer a question, or go on after `decisions` about the calls of the message that waits.

        Raises:
            RunInProgressError: the chat is still being answered.
            ApprovalExpiredError: there are decisions, and the message does not wait for them.
        """
        from orchat.agent.turn import AgentTurn

        ask = replace(ask, zdr=ask.zdr or self.settings.require_zdr)
        place = self._workplace(connection)
        return self._start(owner, above, lambda: AgentTurn(place, owner, above, ask, decisions))

    def _workplace(self, connection: Connection) -> "Workplace":
        from orchat.agent.turn import Workplace

        return Workplace(
            self.store,
            self.toolbox(),
            connection.client,
            connection.catalogue.current,
            self.interpreters(),
            self.library,
            simulated=connection.simulated,
            title_model=self._title_model,
            listed=connection.catalogue.lists_zdr,
        )

    def call_tool(
        self, owner: str, conversation_id: str, tool: str, arguments: Mapping[str, Any], connection: Connection
    ) -> "HandCall":
        """Begin a call that a person makes themselves; no model sees it.

        Raises:
            NotFoundError: the conversation is not this owner's.
        """
        from orchat.agent.hand import HandCall

        self.store.conversation(owner, conversation_id)
        place, call = self._workplace(connection), HandCall(tool, arguments)
        # Whether the chat has zero data retention on is not asked: a tool then assumes the stricter.
        context = place.context(owner, conversation_id, zdr=True)
        call.cancel = self.runs.submit(call.run(place.toolbox, context)).cancel
        return call

    def resume_agent(
        self, owner: str, message_id: str, decisions: Sequence[Decision], ask: AgentAsk, connection: Connection
    ) -> Run:
        """Go on after `decisions` about the calls of the message that waits; raises as `ask_agent`."""
        from orchat.agent.approvals import remember

        waiting = self.store.message(owner, message_id)
        remember(self.store, owner, waiting, decisions)
        return self.ask_agent(owner, waiting, ask, connection, decisions)

    def _start(self, owner: str, above: Message, turn: Callable[[], Turn]) -> Run:
        if self.runs.is_active(owner, above.conversation_id):
            # Before the answer has its place in the chat: it would hide the one that is on its way.
            raise RunInProgressError("This chat is still being answered.")
        begun = turn()
        try:
            return self.runs.start(begun)
        except RunInProgressError as error:
            begun.save("failed", error)
            raise

    @property
    def _title_model(self) -> str | None:
        return None if self.settings.title_model == "none" else self.settings.title_model

    def toolbox(self) -> "Toolbox":
        """Return the tools that people have dropped in; reading them for the first time loads LangChain."""
        return self._workshop.toolbox

    @property
    def library(self) -> Library:
        """The documents that people have added."""
        return self._workshop.library

    def interpreters(self) -> "Interpreters":
        """Return the interpreters of the conversations; nothing is started before code is run."""
        return self._workshop.interpreters

    def say(
        self, owner: str, conversation_id: str, text: str, parent_id: str | None, attached: Sequence[JSON] = ()
    ) -> Message:
        """Keep what a person says, and which of the files they attached belong to it."""
        return say(self.store, owner, conversation_id, text, parent_id, attached)

    def attach(self, owner: str, conversation_id: str, name: str, data: bytes) -> JSON:
        """Keep a file that a person brings, and read it for search; return its reference as it stands in a message.

        Raises:
            StoreError: it is larger than can be kept.
        """
        file = attach(self.store, owner, conversation_id, name, data)
        shelve(self.library, owner, conversation_id, file, data)
        return file

    def branch(self, owner: str, conversation_id: str) -> list[Message]:
        """Return the messages that are shown; an answer that nobody writes any more is marked as cut off."""
        messages = self.store.branch(owner, conversation_id)
        if messages and messages[-1].state == "streaming" and self._abandoned(owner, messages[-1]):
            messages[-1] = self.store.cut_off(owner, messages[-1].id)
        return messages

    def _abandoned(self, owner: str, answer: Message) -> bool:
        written_here = self.runs.is_active(owner, answer.conversation_id)
        return not written_here and datetime.now(UTC) - answer.saved_at > STALE_AFTER

    def close(self) -> None:
        """Stop what is running, save it, and let go of everything. Safe to call more than once."""
        if self._closed:
            return
        self._closed = True
        # First of all: work that is left would send its requests through clients that are closed.
        self.runs.stop_all()
        with contextlib.suppress(TimeoutError):
            self.runs.submit(self._let_go()).result(CLOSE_WITHIN)
        self.runs.close()
        self.store.close()

    async def _let_go(self) -> None:
        await self._workshop.aclose()
        await self.connections.aclose()
