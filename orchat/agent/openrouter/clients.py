"""Clients of a model's own: one for threads, one for each event loop."""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary, finalize

from orchat.openrouter import AsyncOpenRouterClient, OpenRouterClient


class Clients:
    """Made at first use, from the same options. An async client belongs to the loop that it first ran on."""

    def __init__(
        self,
        options: dict[str, Any],
        sync: OpenRouterClient | None = None,
        shared: AsyncOpenRouterClient | None = None,
    ) -> None:
        self._options = options
        self._sync = sync
        self._shared = shared
        self._of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenRouterClient] = WeakKeyDictionary()

    @property
    def sync(self) -> OpenRouterClient:
        """The client for threads."""
        if self._sync is None:
            self._sync = OpenRouterClient(**self._options)
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
            self._of_loops[loop] = AsyncOpenRouterClient(**self._options, keep_alive=False)
        return self._of_loops[loop]
