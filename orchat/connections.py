"""Connections: whose key a visitor's requests go out with, and to where."""

import hashlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from orchat.choices import Keys
from orchat.demo import DemoServer
from orchat.errors import AuthenticationError
from orchat.openrouter import Account, App, AsyncOpenRouterClient, OpenRouterClient, Routing
from orchat.openrouter.cache import CatalogueCache
from orchat.openrouter.rules import RulesNow
from orchat.openrouter.watch import AccountWatch
from orchat.settings import Settings

Submit = Callable[[Coroutine[Any, Any, None]], "Future[None]"]


class KeySource(StrEnum):
    """Whose key a visitor's requests go out with."""

    DEMO = "demo"
    SERVER = "server"
    VISITOR = "visitor"
    MADE = "made"
    NONE = "none"


@dataclass(frozen=True, slots=True, weakref_slot=True)
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

    @property
    def keyless(self) -> bool:
        """Whether nothing can be asked: there is no key, and no simulation."""
        return self.source is KeySource.NONE

    @property
    def of_the_visitor(self) -> bool:
        """Whether requests go out with the visitor's own key."""
        return self.source is KeySource.VISITOR


@dataclass(frozen=True, slots=True)
class Host:
    """A server, with what everybody who talks to it shares."""

    client: OpenRouterClient
    shared: AsyncOpenRouterClient
    catalogue: CatalogueCache


class Connections:
    """All connections of this process. A visitor's own key is forgotten with the last one who holds its connection."""

    def __init__(self, settings: Settings, submit: Submit, rules: RulesNow, pace: Callable[[], float]) -> None:
        """`rules` say what the operator forbids at the moment, and `pace` how long a stream rests after a read."""
        self._settings = settings
        self._rules = rules
        self._pace = pace
        self._submit = submit
        self._lock = threading.RLock()
        self._demo: DemoServer | None = None
        self._hosts: dict[str, Host] = {}
        self._ours: dict[KeySource, Connection] = {}
        self._visitors: WeakValueDictionary[str, Connection] = WeakValueDictionary()

    def get(self, visitor_key: str | None = None, source: KeySource = KeySource.VISITOR) -> Connection:
        """Return the connection for a visitor's own key, else the server's, else the embedded OpenRouter's.

        `source` says where the key is from: theirs, or made for them.
        """
        with self._lock:
            if visitor_key:
                digest = hashlib.sha256(f"{source} {visitor_key}".encode()).hexdigest()
                found = self._visitors.get(digest) or self._connect(source, visitor_key)
                self._visitors[digest] = found
                return found
            source, key = self._own_key()
            if source not in self._ours:
                self._ours[source] = self._connect(source, key)
            return self._ours[source]

    def _own_key(self) -> tuple[KeySource, str | None]:
        if self._settings.simulated:
            return KeySource.DEMO, self._embedded().api_key
        if self._settings.api_key and self._settings.keys is Keys.SERVER:
            return KeySource.SERVER, self._settings.api_key.get_secret_value()
        return KeySource.NONE, None

    def _connect(self, source: KeySource, key: str | None) -> Connection:
        demo = source is KeySource.DEMO
        host = self._host(self._embedded().base_url if demo else self._settings.base_url, keep=not demo)
        management = self._settings.management_key if source is KeySource.SERVER else None
        client = host.shared.with_options(
            api_key=key, management_key=management.get_secret_value() if management else None
        )
        return Connection(client, host.catalogue, AccountWatch(client, self._submit), source)

    def _host(self, base_url: str, *, keep: bool) -> Host:
        if base_url not in self._hosts:
            settings = self._settings
            app = App(settings.app_url, settings.app_title if settings.app_url else "")
            # What a client is made with cannot be taken back by any request of it.
            routing = Routing(zdr=settings.require_zdr)
            idle = settings.idle_timeout
            client = OpenRouterClient(base_url=base_url, app=app, routing=routing, idle_timeout=idle, rules=self._rules)
            shared = AsyncOpenRouterClient(
                base_url=base_url,
                app=app,
                routing=routing,
                idle_timeout=idle,
                rules=self._rules,
                read_every=self._pace,
            )
            digest = hashlib.sha256(base_url.encode()).hexdigest()[:8]
            path = settings.data_dir / f"catalogue-{urlsplit(base_url).hostname}-{digest}.json"
            self._hosts[base_url] = Host(client, shared, CatalogueCache(client, path if keep else None))
        return self._hosts[base_url]

    def _embedded(self) -> DemoServer:
        if self._demo is None:
            self._demo = DemoServer(record=False)
            self._demo.start()
        return self._demo

    def check_key(self, key: str) -> Account:
        """Ask OpenRouter about a key that a visitor entered.

        Raises:
            OrchatError: the key is not accepted, is a management key, or OpenRouter cannot be reached.
        """
        with self._lock:
            client = self._host(self._settings.base_url, keep=True).client
        account = client.with_options(api_key=key).account()
        if account.is_management_key:
            raise AuthenticationError("This is a management key: it can read the balance and cannot chat.")
        return account

    def manager(self) -> OpenRouterClient:
        """Return a client with the management key: it makes keys, and can ask no model.

        Raises:
            AuthenticationError: there is no such key.
        """
        key = self._settings.management_key
        if key is None:
            raise AuthenticationError("There is no management key.", advice="Set OPENROUTER_MANAGEMENT_KEY.")
        with self._lock:
            client = self._host(self._settings.base_url, keep=True).client
        return client.with_options(api_key=key.get_secret_value())

    def exchange(self, code: str, verifier: str) -> str:
        """Return the key behind a code from OpenRouter's page; raises OrchatError where it gives none."""
        with self._lock:
            client = self._host(self._settings.base_url, keep=True).client
        return client.exchange(code, verifier)

    async def aclose(self) -> None:
        """Close all connections; on the loop that has used them."""
        with self._lock:
            hosts, self._hosts = self._hosts, {}
            demo, self._demo = self._demo, None
        for host in hosts.values():
            host.client.close()
            await host.shared.aclose()
        if demo is not None:
            demo.stop()
