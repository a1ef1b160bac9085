"""Services: what all visitors share, put together once from the settings."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchat import chats, ledger
from orchat.agent.ask import AgentAsk, Decision
from orchat.chat import ChatTurn
from orchat.chats import Chats
from orchat.clock import Trust
from orchat.connections import Connection, Connections, KeySource
from orchat.departing import remove_person
from orchat.errors import ClosingError, RunInProgressError
from orchat.fair_queue import FairQueue
from orchat.library import Library
from orchat.limits import Limits
from orchat.live_settings import LiveSettings
from orchat.logs import log_to_the_console
from orchat.media.taking import Takes
from orchat.openrouter import Account
from orchat.people.kept_keys import kept_keys
from orchat.relay.opening import open_relay
from orchat.runs import Deadline, Run, Runs, Turn
from orchat.settings import Settings
from orchat.sources import Documents
from orchat.store import Call, DividedStore, Message
from orchat.store.earlier_copy import migrate
from orchat.temporary_chats import TemporaryChats
from orchat.tracing import trace_to
from orchat.turn import Ask
from orchat.upkeep import Step, keep_up
from orchat.workshop import Workshop

if TYPE_CHECKING:
    from orchat.agent.hand import HandCall
    from orchat.agent.interpreters import Interpreters
    from orchat.agent.toolbox import Toolbox
    from orchat.agent.turn import Workplace

PURGE_AFTER = timedelta(days=7)
TOOLS = Path(__file__).parents[1] / "tools"
"""Where the plugins of this installation are."""


class Services:
    """Settings, store, runs and connections of one process."""

    def __init__(self, settings: Settings, *, loopback_only: bool = False) -> None:
        """`loopback_only`: nobody but this machine reaches the page."""
        log_to_the_console(settings.log_level, settings.log_format)
        trace_to(settings.otlp_endpoint)
        self._closed = False
        self._clock = Trust()
        # First, with a copy: what opens a database migrates it as well, and keeps none of PostgreSQL.
        migrate(settings.store_url, settings.data_dir)
        self.store = DividedStore.open(settings.store_url)
        self.runs = Runs(queue=FairQueue(settings.runs_at_once, settings.runs_each))
        self.live = LiveSettings(settings, self.store)
        self.runs.elsewhere = open_relay(self.store)
        self._workshop = Workshop(self.live, self.store, self.runs.submit, [TOOLS], loopback_only=loopback_only)
        self.limits = Limits(lambda: self.settings, self.store, lambda: self.library)
        self.chats = Chats(self.store, self.runs, lambda: self.library, self.limits)
        self.temporary = TemporaryChats(self.store, self.runs, self._workshop)
        self.connections = Connections(settings, self.runs.submit, self.live.rules, self.runs.pace)
        self.runs.submit(keep_up(self._upkeep()))
        self.runs.submit(self.temporary.look_for_closed_tabs())
        self.runs.submit(self.live.keep_fresh())

    @property
    def settings(self) -> Settings:
        """The settings of this moment."""
        return self.live.current

    def _upkeep(self) -> tuple[Step, ...]:
        """What crashes, deletions and finished runs leave behind."""
        return (
            self.runs.forget_old,
            lambda: asyncio.to_thread(self.library.close_idle),
            lambda: asyncio.to_thread(self.store.recover, chats.STALE_AFTER),
            lambda: asyncio.to_thread(self._purge),
            self.temporary.forget_unused,
            lambda: asyncio.to_thread(self.store.close_abandoned_calls),
            self.settle_leftovers,
        )

    def _purge(self) -> None:
        if not self._clock.holds():
            return
        if purged := self.store.purge_deleted(PURGE_AFTER):
            self._workshop.forget(purged)
        if outdated := self.limits.delete_in_time():
            self._workshop.forget(outdated)

    async def settle_leftovers(self) -> None:
        """Look up what answers cost that ended without saying so, in this process or an earlier one."""
        if self.connections.get().source is not KeySource.DEMO:
            await ledger.settle_leftovers(self.store, self._asking_about)

    def _asking_about(self, call: Call) -> Connection | None:
        server = self.connections.get()
        if server.source is KeySource.SERVER and not call.personal_key:
            return server
        keys = kept_keys(self.settings, self.store, call.owner)
        return next((self.connections.get(key) for key in keys), None)

    def remove_person(self, owner: str, *, heir: str) -> None:
        """Remove all of a person, as `orchat.departing.remove_person` says, and their temporary chats."""
        remove_person(self.store, self.runs, self._workshop, owner, heir)
        self.temporary.forget_all_of(owner)

    def connection(self, visitor_key: str | None = None, source: KeySource = KeySource.VISITOR) -> Connection:
        """Return the connection for a visitor's own key, else the server's, else the embedded OpenRouter's."""
        return self.connections.get(visitor_key, source)

    def check_key(self, key: str) -> Account:
        """Ask OpenRouter about a key that a visitor entered; raises as `Connections.check_key`."""
        return self.connections.check_key(key)

    def ask(self, owner: str, question: Message, ask: Ask, connection: Connection) -> Run:
        """Begin the answer to a question that is in the store already.

        Raises:
            RunInProgressError: the chat is still being answered.
        """
        return self._start(
            owner, question, lambda: self._chat_turn(owner, question, ask, connection, self._title_model)
        )[0]

    def _chat_turn(
        self, owner: str, question: Message, ask: Ask, connection: Connection, title_model: str | None
    ) -> ChatTurn:
        ask = replace(ask, zdr=ask.zdr or self.settings.require_zdr)
        return ChatTurn(
            self.store,
            connection.client,
            owner,
            question,
            ask,
            simulated=connection.simulated,
            title_model=title_model,
            listed=connection.catalogue.lists_zdr,
            prices=connection.catalogue.find,
            personal_key=connection.of_the_visitor,
            judge=partial(connection.catalogue.against, self.live.rules()),
            documents=Documents.before(question, owner, self.store, self.library) if ask.documents else None,
            takes=Takes.of(connection.catalogue.current().find(ask.asked or "")),
        )

    def ask_several(
        self, owner: str, question: Message, asks: Sequence[Ask], connection: Connection
    ) -> tuple[Run, ...]:
        """Begin several answers to a question at once, each below it with a run of its own; the first one is shown.

        Raises:
            RunInProgressError: the chat is still being answered.
        """
        # One title is enough.
        titles = [self._title_model, *[None] * (len(asks) - 1)]
        turns = [
            partial(self._chat_turn, owner, question, ask, connection, title)
            for ask, title in zip(asks, titles, strict=True)
        ]
        runs = self._start(owner, question, *turns)
        self.store.set_leaf(owner, question.conversation_id, runs[0].turn.message_id)
        return runs

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
        return self._start(owner, above, lambda: AgentTurn(place, owner, above, ask, decisions))[0]

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
            prices=connection.catalogue.find,
            personal_key=connection.of_the_visitor,
            judge=partial(connection.catalogue.against, self.live.rules()),
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
        context = place.context(owner, conversation_id, Ask(zdr=True))
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

    def _start(self, owner: str, above: Message, *turns: Callable[[], Turn]) -> tuple[Run, ...]:
        self.runs.check_open()
        if self.runs.is_active(owner, above.conversation_id):
            # Before the answer has its place in the chat: it would hide the one that is on its way.
            raise RunInProgressError("This chat is still being answered.")
        self.runs.queue.resize(self.settings.runs_at_once, self.settings.runs_each)
        with self.runs.elsewhere.claimed(owner, above.conversation_id):
            begun = [turn() for turn in turns]
            try:
                return self.runs.start_together(begun)
            except (ClosingError, RunInProgressError) as error:
                for one in begun:
                    one.save("failed", error)
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

    @property
    def live_interpreters(self) -> int:
        """How many conversations have an interpreter at this moment."""
        return self._workshop.live_interpreters

    def close(self) -> None:
        """Stop what is running, save it, and let go of everything. Safe to call more than once."""
        if self._closed:
            return
        self._closed = True
        deadline = Deadline()
        self.runs.begin_no_more()
        # First of all: work that is left would send its requests through clients that are closed.
        self.runs.stop_all(deadline)
        with contextlib.suppress(TimeoutError):
            self.runs.submit(self._let_go()).result(deadline.step().left)
        self.runs.close(deadline)
        self.runs.elsewhere.close()
        self.store.close()

    async def _let_go(self) -> None:
        await self._workshop.aclose()
        await self.connections.aclose()
