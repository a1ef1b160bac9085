"""Services: what all visitors share, put together once from the settings."""

import asyncio
import hashlib
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from orchat.chat import Ask, ChatTurn, look_up_cost, say
from orchat.demo import DemoServer
from orchat.errors import AuthenticationError, OrchatError, RunInProgressError
from orchat.openrouter import Account, App, AsyncOpenRouterClient, OpenRouterClient
from orchat.openrouter.cache import CatalogueCache
from orchat.openrouter.watch import AccountWatch
from orchat.runs import CLOSE_WITHIN, Run, Runs
from orchat.settings import Settings
from orchat.store import Message, Store

STALE_AFTER = timedelta(seconds=10)
"""An answer that nobody has saved for so long is not being written any more: it is saved every second."""
PURGE_AFTER = timedelta(days=7)
UPKEEP_EVERY = 3600.0


class KeySource(StrEnum):
    """Whose key a visitor's requests go out with."""

    DEMO = "demo"
    SERVER = "server"
    VISITOR = "visitor"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Connection:
    """The way to OpenRouter that one visitor uses."""

    client: AsyncOpenRouterClient
    catalogue: CatalogueCache
    account: AccountWatch
    source: KeySource

    @property
    def awaited(self) -> bool:
        """Whether OpenRouter has been asked for the credits, or for the first catalogue, and has not answered yet."""
        return self.account.pending or self.catalogue.loading

    @property
    def simulated(self) -> bool:
        """Whether the embedded OpenRouter answers."""
        return self.source is KeySource.DEMO


class Services:
    """Settings, store, runs and connections of one process."""

    def __init__(self, settings: Settings) -> None:
        logging.getLogger("orchat").setLevel(settings.log_level)
        self.settings = settings
        self.runs = Runs()
        self.store = Store.open(settings.store_url)
        self._lock = threading.Lock()
        self._demo: DemoServer | None = None
        self._hosts: dict[str, tuple[OpenRouterClient, AsyncOpenRouterClient, CatalogueCache]] = {}
        self._connections: dict[tuple[KeySource, str], Connection] = {}
        self.runs.submit(self._upkeep())

    async def _upkeep(self) -> None:
        """Every hour, and at the start: mark what a crash cut off, and remove what was deleted long ago."""
        while True:
            await asyncio.to_thread(self.store.recover, STALE_AFTER)
            await asyncio.to_thread(self.store.purge_deleted, PURGE_AFTER)
            await asyncio.sleep(UPKEEP_EVERY)

    def connection(self, visitor_key: str | None = None) -> Connection:
        """Return the connection for a visitor's own key, else the server's, else the embedded OpenRouter's."""
        with self._lock:
            source, key = self._key(visitor_key)
            known = (source, key)
            if known not in self._connections:
                self._connections[known] = self._connect(source, key)
            return self._connections[known]

    def _key(self, visitor_key: str | None) -> tuple[KeySource, str]:
        if visitor_key:
            return KeySource.VISITOR, visitor_key
        if self.settings.simulated:
            return KeySource.DEMO, self._embedded().api_key
        if self.settings.api_key:
            return KeySource.SERVER, self.settings.api_key.get_secret_value()
        return KeySource.NONE, ""

    def _connect(self, source: KeySource, key: str) -> Connection:
        demo = source is KeySource.DEMO
        base_url = self._embedded().base_url if demo else self.settings.base_url
        _, shared, catalogue = self._host(base_url, keep=not demo)
        management = self.settings.management_key if source is KeySource.SERVER else None
        client = shared.with_options(
            api_key=key or None, management_key=management.get_secret_value() if management else None
        )
        return Connection(client, catalogue, AccountWatch(client, self.runs.submit), source)

    def _host(self, base_url: str, *, keep: bool) -> tuple[OpenRouterClient, AsyncOpenRouterClient, CatalogueCache]:
        """Everybody who talks to the same server shares its connections and its catalogue."""
        if base_url not in self._hosts:
            app = App(self.settings.app_url, self.settings.app_title if self.settings.app_url else "")
            options: dict[str, Any] = {"base_url": base_url, "app": app, "idle_timeout": self.settings.idle_timeout}
            client = OpenRouterClient(**options)
            digest = hashlib.sha256(base_url.encode()).hexdigest()[:8]
            path = self.settings.data_dir / f"catalogue-{urlsplit(base_url).hostname}-{digest}.json"
            catalogue = CatalogueCache(client, path if keep else None)
            self._hosts[base_url] = client, AsyncOpenRouterClient(**options), catalogue
        return self._hosts[base_url]

    def _embedded(self) -> DemoServer:
        if self._demo is None:
            self._demo = DemoServer()
            self._demo.start()
        return self._demo

    def check_key(self, key: str) -> Account:
        """Ask OpenRouter about a key that a visitor entered.

        Raises:
            OrchatError: the key is not accepted, is a management key, or OpenRouter cannot be reached.
        """
        client, _, _ = self._host(self.settings.base_url, keep=True)
        account = client.with_options(api_key=key).account()
        if account.is_management_key:
            raise AuthenticationError("This is a management key: it can read the balance and cannot chat.")
        return account

    def ask(self, owner: str, question: Message, ask: Ask, connection: Connection) -> Run:
        """Begin the answer to a question that is in the store already.

        Raises:
            RunInProgressError: the chat is still being answered.
        """
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
        run = self.runs.find(owner, answer.conversation_id)
        written_here = run is not None and run.active
        return not written_here and datetime.now(UTC) - answer.saved_at > STALE_AFTER

    def settle_leftovers(self) -> None:
        """Look up, in the background, what answers cost that an earlier process could not finish."""
        if self.settings.api_key is None or self.settings.simulated:
            return
        client = self.connection().client

        async def look_up() -> None:
            for owner, message in self.store.unsettled(20):
                if not message.simulated:
                    await look_up_cost(self.store, client, owner, message)

        self.runs.submit(look_up())

    def close(self) -> None:
        """Stop what is running, save it, and let go of everything. Safe to call more than once."""
        self.runs.stop_all()
        hosts, self._hosts = self._hosts, {}
        for client, shared, _ in hosts.values():
            client.close()
            # Its connections belong to the loop of the runs, which has to be there to close them.
            self.runs.submit(shared.aclose()).result(CLOSE_WITHIN)
        self.runs.close()
        if self._demo is not None:
            self._demo.stop()
        self.store.close()


__all__ = ["Connection", "KeySource", "OrchatError", "Services"]
