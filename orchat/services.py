"""Services: what all visitors share, put together once from the settings."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta

from orchat.chat import ChatTurn
from orchat.connections import Connection, Connections
from orchat.errors import OrchatError, RunInProgressError
from orchat.openrouter import Account
from orchat.runs import CLOSE_WITHIN, Run, Runs
from orchat.settings import Settings
from orchat.store import Message, Store
from orchat.turn import Ask, look_up_cost, say

log = logging.getLogger(__name__)
STALE_AFTER = timedelta(seconds=10)
"""An answer that nobody has saved for so long is not being written any more: it is saved every second."""
PURGE_AFTER = timedelta(days=7)
UPKEEP_EVERY = 600.0


class Services:
    """Settings, store, runs and connections of one process."""

    def __init__(self, settings: Settings) -> None:
        _log_to_the_console(settings.log_level)
        self.settings = settings
        self._closed = False
        self.runs = Runs()
        self.store = Store.open(settings.store_url)
        self.connections = Connections(settings, self.runs.submit)
        self.runs.submit(self._upkeep())

    async def _upkeep(self) -> None:
        """At the start and every ten minutes: look after what crashes, deletions and finished runs leave behind."""
        while True:
            try:
                self.runs.forget_old()
                await asyncio.to_thread(self.store.recover, STALE_AFTER)
                await asyncio.to_thread(self.store.purge_deleted, PURGE_AFTER)
                await self.settle_leftovers()
            except OrchatError as error:
                log.warning("The upkeep could not be finished: %s", error.message)
            await asyncio.sleep(UPKEEP_EVERY)

    async def settle_leftovers(self) -> None:
        """Look up what answers cost that ended without saying so, in this process or an earlier one."""
        if self.settings.api_key is None or self.settings.simulated:
            return
        client = self.connections.get().client
        for owner, message in await asyncio.to_thread(self.store.unsettled, 20):
            if not message.simulated:
                await look_up_cost(self.store, client, owner, message)

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
        if self.runs.is_active(owner, question.conversation_id):
            # Before the answer has its place in the chat: it would hide the one that is on its way.
            raise RunInProgressError("This chat is still being answered.")
        title_model = self.settings.title_model
        turn = ChatTurn(
            self.store,
            connection.client,
            owner,
            question,
            ask,
            simulated=connection.simulated,
            title_model=None if title_model == "none" else title_model,
        )
        try:
            return self.runs.start(turn)
        except RunInProgressError as error:
            turn.save("failed", error)
            raise

    def say(self, owner: str, conversation_id: str, text: str, parent_id: str | None) -> Message:
        """Keep what a person says."""
        return say(self.store, owner, conversation_id, text, parent_id)

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
            self.runs.submit(self.connections.aclose()).result(CLOSE_WITHIN)
        self.runs.close()
        self.store.close()


def _log_to_the_console(level: str) -> None:
    logger = logging.getLogger("orchat")
    logger.setLevel(level)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
