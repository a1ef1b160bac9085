"""The ledger: each request to a model entered before it is sent, its cost when it has come, or looked up later."""

import asyncio
import logging
import time
from asyncio import CancelledError
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from orchat.errors import InvalidRequestError, OpenRouterError, StoreError
from orchat.openrouter import AsyncOpenRouterClient, Generation, Model
from orchat.openrouter.estimate import asked_models, most
from orchat.openrouter.outgoing import outgoing
from orchat.openrouter.request import Request
from orchat.openrouter.traced import TracedBooks
from orchat.reply import Reply
from orchat.store import Call, CallFields, RequestKind, Store
from orchat.store.call_records import CallState
from orchat.usage import Usage

log = logging.getLogger(__name__)
ENTRY_DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between attempts to enter how a request ended, while the database does not answer."""

Listed = Callable[[str | None, str | None, str | None], bool | None]
"""Whether the endpoint of a model (as asked for, as answered) at a provider is listed as one with zero data retention;
None where that is not known."""
MOST_ENTERED = 1000
"""Of so many requests a ledger knows the ids, to settle them at the end of its turn."""
Prices = Callable[[str], Model | None]
"""Returns the model of a name with its prices, None where it is not listed."""


Judge = Callable[[str | None, str | None, str | None], str | None]
"""Which of model and provider (as asked for, as answered, the provider) the operator forbids; None: neither."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books of one turn: whose request it is, and what for. Give a client to `counted`, and use what comes back."""

    store: Store
    owner: str
    conversation_id: str | None = None
    message_id: str | None = None
    kind: RequestKind = "chat"
    simulated: bool = False
    listed: Listed | None = None
    prices: Prices | None = None
    personal_key: bool = False
    """Whether it goes out with a key of the person's own: what others have to pay for is limited, and not that."""
    judge: Judge | None = None
    begin: Callable[[], str] | None = None
    """Keeps the message that the next request is answered with, and returns its id; None: it is always `message_id`."""
    _entered: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_ENTERED))

    def counted(self, client: AsyncOpenRouterClient) -> AsyncOpenRouterClient:
        """Return the client with its requests entered here."""
        return client.with_options(books=TracedBooks(self))

    def of(self, kind: RequestKind) -> Self:
        """Return the same ledger for requests of another kind, which no message shows."""
        return replace(self, kind=kind, message_id=None, begin=None, _entered=deque(maxlen=MOST_ENTERED))

    async def open(self, request: Request) -> "LedgerEntry":
        """Enter a request that is about to be sent, and reserve what it may cost.

        Raises:
            BudgetReachedError: a budget does not cover it.
            StoreError: it cannot be entered; it is not sent then, since nobody would know what it cost.
        """
        return LedgerEntry(self, await asyncio.to_thread(self._open, request))

    def enter(self, request: Request) -> "BlockingLedgerEntry":
        """Enter a request as `open` does, and block until it is done."""
        return BlockingLedgerEntry(self, self._open(request))

    def _open(self, request: Request) -> Call:
        sent = outgoing(request)
        find = self.prices or (lambda _: None)
        call = self.store.open_call(
            self.owner,
            kind=self.kind,
            conversation_id=self.conversation_id,
            message_id=self.begin() if self.begin else self.message_id,
            model_asked=sent.model,
            zdr=sent.zdr,
            simulated=self.simulated,
            personal_key=self.personal_key,
            sent=sent.to_json(),
            wanted=most(request, [find(name) for name in asked_models(request)]),
        )
        self._entered.append(call.id)
        return call

    async def settle(self, client: AsyncOpenRouterClient) -> None:
        """Look up what the requests cost that ended without saying so."""
        for call in await asyncio.to_thread(self.store.unpriced_calls, self.owner, list(self._entered)):
            await look_up(self.store, client, call)


class LedgerEntry:
    """One request in the ledger."""

    def __init__(self, ledger: Ledger, call: Call) -> None:
        self._ledger = ledger
        self._call = call
        self._started = time.monotonic()
        self._first_word: int | None = None
        self._noted: asyncio.Future[bool] | None = None

    def begun(self, generation_id: str | None) -> None:
        """Keep the id under which the cost can be asked for, in case that nothing else is ever heard."""
        if generation_id:
            self._noted = asyncio.ensure_future(self._write(generation_id=generation_id))

    def first_word(self) -> None:
        """Take the time."""
        self._first_word = self._milliseconds()

    async def ended(self, reply: Reply, error: BaseException | None) -> None:
        """Enter how it ended and what it cost, also while its task is being cancelled."""
        await asyncio.shield(self._finish(self._known(reply, error)))

    def _known(self, reply: Reply, error: BaseException | None) -> CallFields:
        known = _charged(reply.model, reply.provider, reply.usage or Usage()) | CallFields(
            state=state_after(reply, error),
            error=type(error).__name__ if isinstance(error, OpenRouterError) else None,
            zdr_listed=self._listed(reply),
            against_rules=self._judged(reply),
            first_token_ms=self._first_word,
            duration_ms=self._milliseconds(),
        )
        generation_id = reply.id or getattr(error, "generation_id", None)
        if generation_id:
            known["generation_id"] = generation_id
        if known["state"] == "refused":
            # Otherwise it may have cost something, if it was heard of or not: that stays reserved until it is known.
            known["reserved"] = None
        return known

    async def _finish(self, known: CallFields) -> None:
        if self._noted is not None:
            await self._noted
        # The books are right once the database is back: what is never entered has to be asked for.
        for delay in ENTRY_DELAYS:
            if await self._write(**known):
                return
            await asyncio.sleep(delay)
        await self._write(**known)

    async def _write(self, **known: object) -> bool:
        try:
            return await asyncio.to_thread(self._enter, known)
        except RuntimeError:
            # The interpreter is ending and has closed its thread pools: enter it right here.
            return self._enter(known)

    def _enter(self, known: Mapping[str, object]) -> bool:
        call = self._call
        try:
            self._ledger.store.update_call(call.owner, call.id, **known)  # type: ignore[arg-type] # CallFields
        except StoreError as error:
            # What is never entered is looked up by the upkeep.
            log.warning("What a request cost could not be entered: %s", error.message)
            return False
        return True

    def _listed(self, reply: Reply) -> bool | None:
        listed = self._ledger.listed
        return listed(self._call.model_asked, reply.model, reply.provider) if listed else None

    def _judged(self, reply: Reply) -> str | None:
        judge = self._ledger.judge
        return judge(self._call.model_asked, reply.model, reply.provider) if judge else None

    def _milliseconds(self) -> int:
        return round((time.monotonic() - self._started) * 1000)


class BlockingLedgerEntry(LedgerEntry):
    """One request in the ledger, of a client without an event loop."""

    def begun(self, generation_id: str | None) -> None:
        """Keep the id, and block until it is kept."""
        if generation_id:
            self._enter({"generation_id": generation_id})

    def end(self, reply: Reply, error: BaseException | None) -> None:
        """Enter how it ended and what it cost, and block until it is entered."""
        self._enter(self._known(reply, error))


def state_after(reply: Reply, error: BaseException | None) -> CallState:
    """Return how a request ended."""
    if error is None:
        return "done"
    if isinstance(error, CancelledError | GeneratorExit):
        return "stopped"
    generation_id = reply.id or getattr(error, "generation_id", None)
    not_sent = isinstance(error, InvalidRequestError) or getattr(error, "sent", None) is False
    turned_away = isinstance(error, OpenRouterError) and error.status is not None
    return "refused" if not generation_id and (not_sent or turned_away) else "failed"


def _charged(model: str | None, provider: str | None, usage: Usage) -> CallFields:
    """Return what an answer, or OpenRouter's books, say of a request."""
    known = CallFields(model_answered=model, provider=provider, charged=usage.charged, own_key=usage.own_key)
    return {**known, **usage.known()}


async def look_up(store: Store, client: AsyncOpenRouterClient, call: Call) -> None:
    """Ask OpenRouter's books what a request cost; unknown stays unknown."""
    known = CallFields()
    try:
        found: Generation = await client.generation(call.generation_id or "")
        known = _charged(found.model, found.provider, found.usage)
    except OpenRouterError as error:
        log.info("What a request cost could not be looked up: %s", error.message)
    await asyncio.to_thread(store.settle_call, call, **known)


class Asking(Protocol):
    """Has a client, which works as long as this is held."""

    @property
    def client(self) -> AsyncOpenRouterClient:
        """The client."""
        ...


async def settle_leftovers(store: Store, asking_about: Callable[[Call], Asking | None]) -> None:
    """Look up what requests cost that ended without saying so, in this process or an earlier one.

    `asking_about` returns who may ask about one, None where nobody here can: OpenRouter tells its owner alone.
    """
    for call in await asyncio.to_thread(store.unsettled_calls, 20):
        if (asking := await asyncio.to_thread(asking_about, call)) is not None:
            await look_up(store, asking.client, call)
        else:
            # Counted as asked, so that others come to their turn.
            await asyncio.to_thread(store.settle_call, call)
