"""The account behind a key, kept up to date in the background."""

import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from decimal import Decimal
from typing import Any

from orchat.errors import OpenRouterError
from orchat.openrouter.account import Account
from orchat.openrouter.aclient import AsyncOpenRouterClient

MAX_AGE = 60.0


class AccountWatch:
    """The account behind a client. Reading never waits; what is older than a minute is asked for again."""

    def __init__(
        self, client: AsyncOpenRouterClient, submit: Callable[[Coroutine[Any, Any, None]], "Future[None]"]
    ) -> None:
        self._client = client
        self._submit = submit
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._pending: Future[None] | None = None
        self._again = False
        self.account: Account | None = None
        self.change: Decimal | None = None
        """By how much the number has moved, in USD: since `mark`, or where nothing was marked, when it last moved."""
        self._marked: Account | None = None
        self.problem: OpenRouterError | None = None

    @property
    def pending(self) -> bool:
        """Whether an answer of OpenRouter is awaited."""
        return self._pending is not None and not self._pending.done()

    def current(self) -> Account | None:
        """Return what is known, and ask again when that is old."""
        if time.monotonic() - self._asked_at > MAX_AGE:
            self.refresh()
        return self.account

    def mark(self) -> None:
        """Tell `change` from here on: what a question costs, its title included, is one change."""
        self._marked = self.account

    def refresh(self) -> None:
        """Ask again, in the background: where an answer is awaited, once more after it, for it may be of before."""
        with self._lock:
            self._asked_at = time.monotonic()
            if self.pending:
                self._again = True
            else:
                self._pending = self._submit(self._ask())

    async def _ask(self) -> None:
        while True:
            await self._ask_once()
            with self._lock:
                if not self._again:
                    self._pending = None
                    return
                self._again = False

    async def _ask_once(self) -> None:
        try:
            account = await self._client.account()
        except OpenRouterError as error:
            self.problem = error
            return
        before = self._marked or self.account
        if before and before.scope is account.scope and None not in (before.left, account.left):
            change = (account.left or Decimal(0)) - (before.left or Decimal(0))
            self.change = change or self.change
        self.account, self.problem = account, None
