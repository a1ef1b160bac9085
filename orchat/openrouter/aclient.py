"""AsyncOpenRouterClient: OpenRouter for one event loop. What each call does is said at its twin in `client`."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Self, Unpack

import httpx

from orchat.errors import OpenRouterError
from orchat.events import Event, Retrying
from orchat.openrouter.account import CREDITS, KEY, Account
from orchat.openrouter.books import WORDS, Books, Entry, whole_reply
from orchat.openrouter.config import Body, ChangedOptions, ClientConfig, ClientOptions, broken, data_of, failure
from orchat.openrouter.embeddings import Embeddings, embeddings_request
from orchat.openrouter.generation import LOOKUP_DELAYS, Generation, generation_request, not_there_yet
from orchat.openrouter.models import (
    MODELS,
    PROVIDERS,
    ZDR_ENDPOINTS,
    Endpoint,
    Model,
    Provider,
    endpoints_of,
    endpoints_request,
    listed,
)
from orchat.openrouter.pace import read_every
from orchat.openrouter.request import Request, chat_request
from orchat.openrouter.rerank import Ranking, rerank_request
from orchat.openrouter.routing import Routing
from orchat.reply import Reply


class AsyncOpenRouterClient:
    """OpenRouter over one shared pool of connections, for one event loop. Options as `OpenRouterClient` has them."""

    def __init__(
        self, api_key: str | None = None, *, http: httpx.AsyncClient | None = None, **options: Unpack[ClientOptions]
    ) -> None:
        ClientConfig.check_names(type(self), options)
        self.config = ClientConfig(api_key, **options)
        self._http = http or httpx.AsyncClient(**self.config.http_options())
        if http is None and self.config.read_every:
            read_every(self._http, self.config.read_every)

    def with_options(self, **options: Unpack[ChangedOptions]) -> Self:
        """Return a client with other options (another key, say) that shares this one's connections."""
        ClientConfig.check_names(type(self), options)
        other = object.__new__(type(self))
        other.config, other._http = replace(self.config, **options), self._http
        return other

    def stream(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        model: str | None = None,
        routing: Routing | None = None,
        session_id: str | None = None,
        user: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> "AsyncReplyStream":
        """Ask for a chat completion and return its events; cancelling the task or `aclose()` closes the connection."""
        request = chat_request(
            messages,
            model=model,
            routing=(routing or self.config.routing).tightened(self.config.routing),
            session_id=session_id,
            user=user,
            headers=extra_headers,
            parameters=parameters,
        )
        return AsyncReplyStream(self.config, self._http, request)

    async def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        model: str | None = None,
        routing: Routing | None = None,
        session_id: str | None = None,
        user: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> Reply:
        """Return the whole answer; takes what `stream` takes."""
        stream = self.stream(
            messages,
            model=model,
            routing=routing,
            session_id=session_id,
            user=user,
            extra_headers=extra_headers,
            **parameters,
        )
        async with stream:
            async for _ in stream:
                pass
            return stream.reply

    async def models(self) -> list[Model]:
        """Return the catalogue of text models."""
        return [Model.from_wire(entry) for entry in listed(await self._send(MODELS), "id")]

    async def zdr_endpoints(self) -> list[Endpoint]:
        """Return the endpoints with zero data retention."""
        return [Endpoint.from_wire(entry) for entry in listed(await self._send(ZDR_ENDPOINTS), "model_id")]

    async def endpoints(self, model: str) -> list[Endpoint]:
        """Return who serves a model, with prices and with what was measured of late (that only with a key)."""
        return endpoints_of(await self._send(endpoints_request(model)))

    async def providers(self) -> list[Provider]:
        """Return the companies that serve models."""
        return [Provider.from_wire(entry) for entry in listed(await self._send(PROVIDERS), "slug")]

    async def account(self) -> Account:
        """Return what is left to spend, as far as the keys may know it."""
        key = await self._send(KEY) if self.config.api_key else None
        return Account.from_wire(key, await self._credits())

    async def _credits(self) -> Mapping[str, Any] | None:
        if not self.config.management_key:
            return None
        try:
            return await self._send(CREDITS, self.config.management_key)
        except OpenRouterError:
            if not self.config.api_key:
                raise
            return None

    async def generation(self, generation_id: str) -> Generation:
        """Look up what a generation cost; it can take OpenRouter a few seconds to know."""
        for delay in LOOKUP_DELAYS:
            try:
                return Generation.from_wire(await self._send(generation_request(generation_id)))
            except OpenRouterError as error:
                if not not_there_yet(error):
                    raise
            await asyncio.sleep(delay)
        return Generation.from_wire(await self._send(generation_request(generation_id)))

    async def embed(self, texts: Sequence[str], *, model: str, **parameters: Any) -> Embeddings:
        """Return one vector for each text; the client's routing and privacy apply."""
        request = self.config.governed(embeddings_request(texts, model, self.config.routing, parameters))
        return Embeddings.from_wire(await self._send_booked(request), count=len(texts))

    async def _send_booked(self, request: Request) -> Mapping[str, Any]:
        if self.config.books is None:
            return await self._send(request)
        entry, reply, problem = await self.config.books.open(request), Reply(), None
        try:
            body = await self._send(request)
            reply = whole_reply(body)
            return body
        except BaseException as error:
            problem = error
            raise
        finally:
            await entry.ended(reply, problem)

    async def rerank(self, query: str, documents: Sequence[str], *, model: str, **parameters: Any) -> Ranking:
        """Return the documents by how well they answer a query; the client's routing and privacy apply.

        `top_n` limits how many come back.
        """
        request = self.config.governed(rerank_request(query, documents, model, self.config.routing, parameters))
        return Ranking.from_wire(await self._send_booked(request), count=len(documents))

    async def _send(self, request: Request, key: str | None = None) -> Mapping[str, Any]:
        attempt = 1
        while True:
            try:
                return await self._send_once(request, key)
            except OpenRouterError as error:
                delay = self.config.retry.delay(error, attempt)
                if delay is None:
                    raise
            await asyncio.sleep(delay)
            attempt += 1

    async def _send_once(self, request: Request, key: str | None) -> Mapping[str, Any]:
        began = time.monotonic()
        try:
            response = await self._http.send(self.config.build(self._http, request, key), stream=True)
            return data_of(response, await Body(response).aread())
        except httpx.HTTPError as error:
            raise self.config.disconnected(error, time.monotonic() - began) from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()


class AsyncReplyStream(AsyncIterator[Event]):
    """The events of one answer. `reply` is the answer as far as it has come, also after an error."""

    def __init__(self, config: ClientConfig, http: httpx.AsyncClient, request: Request) -> None:
        self.request = config.governed(request)
        self.reply = Reply()
        self._config = config
        self._http = http
        self._entry: Entry | None = None
        self._events = self._run() if config.books is None else self._booked(config.books)

    def __aiter__(self) -> AsyncIterator[Event]:
        # The generator itself: one coroutine less for each event of a long answer.
        return self._events

    async def __anext__(self) -> Event:
        return await anext(self._events)

    async def _booked(self, books: Books) -> AsyncGenerator[Event]:
        entry, problem, wordless = await books.open(self.request), None, True
        self._entry = entry
        try:
            async with aclosing(self._run()) as events:
                async for event in events:
                    if wordless and isinstance(event, WORDS):
                        entry.first_word()
                        wordless = False
                    yield event
        except BaseException as error:
            problem = error
            raise
        finally:
            await entry.ended(self.reply, problem)

    async def _run(self) -> AsyncGenerator[Event]:
        attempt = 1
        while True:
            try:
                response = await self._open()
            except OpenRouterError as error:
                delay = self._config.retry.delay(error, attempt)
                if delay is None:
                    raise
                yield Retrying(delay, attempt, error.message)
                await asyncio.sleep(delay)
                attempt += 1
                continue
            break
        parser = self._config.parser(response)
        self.reply = parser.reply
        # Here, and not in a generator of its own: each one costs a long answer a step more for each event.
        async with aclosing(response):
            try:
                async for received in response.aiter_bytes():
                    for event in parser.feed(received):
                        yield event
            except httpx.HTTPError as error:
                for event in broken(parser, error):
                    yield event
                return
            for event in parser.close():
                yield event

    async def _open(self) -> httpx.Response:
        began = time.monotonic()
        try:
            response = await self._http.send(self._config.build(self._http, self.request), stream=True)
            body = b"" if response.is_success else await Body(response).aread()
        except httpx.HTTPError as error:
            raise self._config.disconnected(error, time.monotonic() - began) from error
        if not response.is_success:
            raise failure(response, body)
        if self._entry is not None:
            self._entry.begun(response.headers.get("x-generation-id"))
        return response

    async def aclose(self) -> None:
        """End the answer and close its connection."""
        await self._events.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()
