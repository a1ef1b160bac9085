"""Clients of a model's own: one for threads, one for each event loop."""

import asyncio
from dataclasses import fields
from typing import Any
from weakref import WeakKeyDictionary, finalize

from orchat.openrouter import AsyncOpenRouterClient, OpenRouterClient
from orchat.openrouter.config import ClientConfig
from orchat.wire import JSON


class Clients:
    """Made at first use, from the same options. An async client belongs to the loop that it first ran on.

    `sync` and `shared` are clients of the caller's; where only one of them is given, the other kind is made like it.
    `http` and `http_async` are httpx clients of the caller's that carry the requests.
    """

    def __init__(
        self,
        options: JSON,
        sync: OpenRouterClient | None = None,
        shared: AsyncOpenRouterClient | None = None,
        *,
        http: Any = None,
        http_async: Any = None,
    ) -> None:
        for client in (http, http_async):
            _check_http(client)
        given = sync or shared
        self._options = _options_of(given.config) if given else options
        self._sync = sync
        self._shared = shared
        self._http = http
        if http_async is not None:
            self._shared = self._shared or AsyncOpenRouterClient(**self._options, http=http_async)
        self._of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenRouterClient] = WeakKeyDictionary()

    @property
    def sync(self) -> OpenRouterClient:
        """The client for threads."""
        if self._sync is None:
            self._sync = OpenRouterClient(**self._options, http=self._http)
            if self._http is None:
                # Models come and go without anybody closing them: their connections go with them.
                finalize(self, self._sync.close)
        return self._sync

    @property
    def of_this_loop(self) -> AsyncOpenRouterClient:
        """The client for the loop that runs now."""
        if self._shared is not None:
            return self._shared
        loop = asyncio.get_running_loop()
        if loop not in self._of_loops:
            # A connection that is kept open would outlive its loop: `asyncio.run` in a script ends one each time.
            self._of_loops[loop] = AsyncOpenRouterClient(**{**self._options, "keep_alive": False})
        return self._of_loops[loop]


def _check_http(client: Any) -> None:
    # openai 3 takes clients of httpx2 too, whose errors nobody here would catch.
    if client is not None and "httpx" not in {kind.__module__.partition(".")[0] for kind in type(client).__mro__}:
        raise ValueError("`http_client` and `http_async_client` have to be clients of httpx.")


def _options_of(config: ClientConfig) -> JSON:
    return {option.name: getattr(config, option.name) for option in fields(config)}
