"""The ledger: each request to a model entered before it is sent, its cost when it has come, or looked up later."""

import asyncio
import logging
import time
from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from orchat.errors import InvalidRequestError, OpenRouterError, StoreError
from orchat.openrouter import AsyncOpenRouterClient, Generation
from orchat.openrouter.outgoing import outgoing
from orchat.openrouter.request import Request
from orchat.openrouter.traced import TracedBooks
from orchat.reply import Reply
from orchat.store import Call, CallFields, CallKind, Store
from orchat.store.call_records import CallState
from orchat.usage import Usage

log = logging.getLogger(__name__)

Listed = Callable[[str | None, str | None, str | None], bool | None]
"""Whether the endpoint of a model (as asked for, as answered) at a provider is listed as one with zero data retention;
None where that is not known."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books of one turn: whose request it is, and what for. Give a client to `counted`, and use what comes back."""

    store: Store
    owner: str
    conversation_id: str | None = None
    message_id: str | None = None
    kind: CallKind = "chat"
    simulated: bool = False
    listed: Listed | None = None
    _entered: list[str] = field(default_factory=list)

    def counted(self, client: AsyncOpenRouterClient) -> AsyncOpenRouterClient:
        """Return the client with its requests entered here."""
        return client.with_options(books=TracedBooks(self))

    def of(self, kind: CallKind) -> Self:
        """Return the same ledger for requests of another kind, which no message shows."""
        return replace(self, kind=kind, message_id=None, _entered=[])

    async def open(self, request: Request) -> "LedgerEntry":
        """Enter a request that is about to be sent.

        Raises:
            StoreError: it cannot be entered; it is not sent then, since nobody would know what it cost.
        """
        sent = outgoing(request)
        call = await asyncio.to_thread(
            self.store.open_call,
            self.owner,
            kind=self.kind,
            conversation_id=self.conversation_id,
            message_id=self.message_id,
            model_asked=sent.model,
            zdr=sent.zdr,
            simulated=self.simulated,
            sent=sent.to_json(),
        )
        self._entered.append(call.id)
        return LedgerEntry(self, call)

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
        self._noted: asyncio.Future[None] | None = None

    def begun(self, generation_id: str | None) -> None:
        """Keep the id under which the cost can be asked for, in case that nothing else is ever heard."""
        if generation_id:
            self._noted = asyncio.ensure_future(self._write(generation_id=generation_id))

    def first_word(self) -> None:
        """Take the time."""
        self._first_word = self._milliseconds()

    async def ended(self, reply: Reply, error: BaseException | None) -> None:
        """Enter how it ended and what it cost, also while its task is being cancelled."""
        usage = reply.usage or Usage()
        known = CallFields(
            state=state_after(reply, error),
            error=type(error).__name__ if isinstance(error, OpenRouterError) else None,
            model_answered=reply.model,
            provider=reply.provider,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            cached_tokens=usage.cached_tokens,
            cost=usage.cost,
            charged=usage.charged,
            reserved=None,
            own_key=usage.own_key,
            zdr_listed=self._listed(reply),
            first_token_ms=self._first_word,
            duration_ms=self._milliseconds(),
        )
        generation_id = reply.id or getattr(error, "generation_id", None)
        if generation_id:
            known["generation_id"] = generation_id
        await asyncio.shield(self._finish(known))

    async def _finish(self, known: CallFields) -> None:
        if self._noted is not None:
            await self._noted
        await self._write(**known)

    async def _write(self, **known: object) -> None:
        try:
            await asyncio.to_thread(self._enter, known)
        except RuntimeError:
            # The interpreter is ending and has closed its thread pools: enter it right here.
            self._enter(known)

    def _enter(self, known: dict[str, object]) -> None:
        call = self._call
        try:
            self._ledger.store.update_call(call.owner, call.id, **known)  # type: ignore[arg-type] # CallFields
        except StoreError:
            # What is not entered now is looked up at the next start.
            log.exception("What a request cost could not be entered")

    def _listed(self, reply: Reply) -> bool | None:
        listed = self._ledger.listed
        return listed(self._call.model_asked, reply.model, reply.provider) if listed else None

    def _milliseconds(self) -> int:
        return round((time.monotonic() - self._started) * 1000)


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


async def look_up(store: Store, client: AsyncOpenRouterClient, call: Call) -> None:
    """Ask OpenRouter's books what a request cost; unknown stays unknown."""
    known = CallFields()
    try:
        found: Generation = await client.generation(call.generation_id or "")
        known = CallFields(
            model_answered=found.model,
            provider=found.provider,
            prompt_tokens=found.prompt_tokens,
            completion_tokens=found.completion_tokens,
            reasoning_tokens=found.reasoning_tokens,
            cached_tokens=found.cached_tokens,
            cost=found.cost,
            charged=found.charged,
            own_key=found.own_key,
        )
    except OpenRouterError as error:
        log.info("What a request cost could not be looked up: %s", error.message)
    await asyncio.to_thread(store.settle_call, call, **known)


async def settle_leftovers(store: Store, client: AsyncOpenRouterClient) -> None:
    """Look up what requests cost that ended without saying so, in this process or an earlier one."""
    for call in await asyncio.to_thread(store.unsettled_calls, 20):
        await look_up(store, client, call)
