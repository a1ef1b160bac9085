"""A fair queue: so many at once in all and for each owner, and the others in turn, one owner after the other."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

LOOKS_EVERY = 1.0
"""Seconds after which one who waits looks again how many are before them."""


class FairQueue:
    """Slots for work on one event loop. Who has much waiting delays themselves and nobody else."""

    def __init__(self, at_once: int, each: int) -> None:
        self._at_once = at_once
        self._each = each
        self._busy: Counter[str] = Counter()
        # In the order in which their next turn comes.
        self._waiting: OrderedDict[str, deque[asyncio.Event]] = OrderedDict()

    def resize(self, at_once: int, each: int) -> None:
        """Have more or fewer slots from the next one on; what holds one keeps it."""
        self._at_once, self._each = at_once, each

    @property
    def most(self) -> tuple[int, int]:
        """How many slots there are in all, and for each owner."""
        return self._at_once, self._each

    @property
    def busy(self) -> int:
        """How many slots are taken."""
        return self._busy.total()

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def slot(self, owner: str, told: Callable[[int], None]) -> AsyncIterator[None]:
        """Hold a slot; while there is none, `told` is called with how many are before this one, when that changes."""
        ticket = asyncio.Event()
        self._waiting.setdefault(owner, deque()).append(ticket)
        self._admit()
        try:
            before = -1
            while not ticket.is_set():
                if (now := self._before(owner, ticket)) != before:
                    before = now
                    told(before)
                await _at_most(LOOKS_EVERY, ticket)
            yield
        finally:
            self._leave(owner, ticket)

    def _admit(self) -> None:
        while self.busy < self._at_once:
            able = (owner for owner in self._waiting if self._busy[owner] < self._each)
            owner = next(able, None)
            if owner is None:
                return
            tickets = self._waiting[owner]
            tickets.popleft().set()
            self._busy[owner] += 1
            self._waiting.move_to_end(owner)
            if not tickets:
                del self._waiting[owner]

    def _leave(self, owner: str, ticket: asyncio.Event) -> None:
        if ticket.is_set():
            self._busy[owner] -= 1
            self._busy += Counter()  # without those at zero
        else:
            self._waiting[owner].remove(ticket)
            if not self._waiting[owner]:
                del self._waiting[owner]
        self._admit()

    def _before(self, owner: str, ticket: asyncio.Event) -> int:
        """In each round every owner has one turn: those of earlier rounds, and in the same one those who come first."""
        rounds, earlier, before = self._waiting[owner].index(ticket), True, 0
        for other, tickets in self._waiting.items():
            if other == owner:
                earlier = False
                before += rounds
            else:
                before += min(len(tickets), rounds + earlier)
        return before


async def _at_most(seconds: float, ticket: asyncio.Event) -> None:
    # Not wait_for: up to Python 3.11 it loses a cancellation that comes together with the ticket.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await ticket.wait()
