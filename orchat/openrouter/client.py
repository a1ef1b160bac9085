"""OpenRouterClient: OpenRouter for scripts and threads."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Self, Unpack

import httpx

from orchat.errors import OpenRouterError
from orchat.openrouter.account import CREDITS, KEY, Account
from orchat.openrouter.books import whole_reply
from orchat.openrouter.config import Body, ChangedOptions, ClientConfig, ClientOptions, data_of
from orchat.openrouter.embeddings import Embeddings, embeddings_request
from orchat.openrouter.generation import LOOKUP_DELAYS, Generation, generation_request, not_there_yet
from orchat.openrouter.keys import MadeKey, create_request, delete_request, update_request
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
from orchat.openrouter.oauth import exchange_request, key_of
from orchat.openrouter.reply_stream import ReplyStream
from orchat.openrouter.request import Request, chat_request
from orchat.openrouter.rerank import Ranking, rerank_request
from orchat.openrouter.routing import Routing
from orchat.reply import Reply


class OpenRouterClient:
    """OpenRouter over one shared pool of connections; safe to use from several threads.

    `ClientConfig` says what the options are, `http` brings an httpx client of your own. Every call raises
    `OpenRouterError` and its subclasses.
    """

    def __init__(
        self, api_key: str | None = None, *, http: httpx.Client | None = None, **options: Unpack[ClientOptions]
    ) -> None:
        ClientConfig.check_names(type(self), options)
        self.config = ClientConfig(api_key, **options)
        self._http = http or httpx.Client(**self.config.http_options())

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
    ) -> ReplyStream:
        """Ask for a chat completion and return its events as they arrive; `parameters` go into the body untouched.

        The request is sent at the first iteration. Closing the stream (or leaving its `with`) closes the connection,
        also from another thread (before the response has begun: as soon as it does). Zero data retention that the
        client was made with cannot be switched off here.
        """
        request = chat_request(
            messages,
            model=model,
            routing=(routing or self.config.routing).tightened(self.config.routing),
            session_id=session_id,
            user=user,
            headers=extra_headers,
            parameters=parameters,
        )
        return ReplyStream(self.config, self._http, request)

    def complete(
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
        """Return the whole answer; takes what `stream` takes. It is collected from a stream, so there is one parser."""
        stream = self.stream(
            messages,
            model=model,
            routing=routing,
            session_id=session_id,
            user=user,
            extra_headers=extra_headers,
            **parameters,
        )
        with stream:
            for _ in stream:
                pass
            return stream.reply

    def models(self) -> list[Model]:
        """Return the catalogue of text models, as `/models` lists them for everybody."""
        return [Model.from_wire(entry) for entry in listed(self._send(MODELS), "id")]

    def zdr_endpoints(self) -> list[Endpoint]:
        """Return the endpoints with zero data retention."""
        return [Endpoint.from_wire(entry) for entry in listed(self._send(ZDR_ENDPOINTS), "model_id")]

    def endpoints(self, model: str) -> list[Endpoint]:
        """Return who serves a model, with prices and with what was measured of late (that only with a key)."""
        return endpoints_of(self._send(endpoints_request(model)))

    def providers(self) -> list[Provider]:
        """Return the companies that serve models."""
        return [Provider.from_wire(entry) for entry in listed(self._send(PROVIDERS), "slug")]

    def account(self) -> Account:
        """Return what is left to spend, as far as the keys may know it."""
        key = self._send(KEY) if self.config.api_key else None
        return Account.from_wire(key, self._credits())

    def _credits(self) -> Mapping[str, Any] | None:
        if not self.config.management_key:
            return None
        try:
            return self._send(CREDITS, self.config.management_key)
        except OpenRouterError:
            # What the API key knows is still worth showing; without one there is nothing else.
            if not self.config.api_key:
                raise
            return None

    def generation(self, generation_id: str) -> Generation:
        """Look up what a generation cost; it can take OpenRouter a few seconds to know."""
        for delay in LOOKUP_DELAYS:
            try:
                return Generation.from_wire(self._send(generation_request(generation_id)))
            except OpenRouterError as error:
                if not not_there_yet(error):
                    raise
            time.sleep(delay)
        return Generation.from_wire(self._send(generation_request(generation_id)))

    def embed(self, texts: Sequence[str], *, model: str, **parameters: Any) -> Embeddings:
        """Return one vector for each text; the client's routing and privacy apply."""
        request = self.config.governed(embeddings_request(texts, model, self.config.routing, parameters))
        return Embeddings.from_wire(self._send_booked(request), count=len(texts))

    def exchange(self, code: str, verifier: str) -> str:
        """Return the key behind a code that OpenRouter's page has given for the challenge of this verifier."""
        return key_of(self._send(exchange_request(code, verifier)))

    def create_key(self, name: str, *, limit: Decimal, limit_reset: str | None = None) -> MadeKey:
        """Make a key of the same account that may spend `limit` USD; for a client with a management key."""
        return MadeKey.from_wire(self._send(create_request(name, limit, limit_reset)))

    def update_key(self, named: str, **changes: Any) -> MadeKey:
        """Change a key, by its hash: `disabled`, `limit`, `limit_reset`, `name`; likewise."""
        return MadeKey.from_wire(self._send(update_request(named, changes)))

    def delete_key(self, named: str) -> None:
        """End a key for good, by its hash; likewise."""
        self._send(delete_request(named))

    def rerank(self, query: str, documents: Sequence[str], *, model: str, **parameters: Any) -> Ranking:
        """Return the documents by how well they answer a query; the client's routing and privacy apply.

        `top_n` limits how many come back.
        """
        request = self.config.governed(rerank_request(query, documents, model, self.config.routing, parameters))
        return Ranking.from_wire(self._send_booked(request), count=len(documents))

    def _send_booked(self, request: Request) -> Mapping[str, Any]:
        if self.config.books is None:
            return self._send(request)
        entry, reply, problem = self.config.books.enter(request), Reply(), None
        try:
            body = self._send(request)
            reply = whole_reply(body)
            return body
        except BaseException as error:
            problem = error
            raise
        finally:
            entry.end(reply, problem)

    def _send(self, request: Request, key: str | None = None) -> Mapping[str, Any]:
        attempt = 1
        while True:
            try:
                return self._send_once(request, key)
            except OpenRouterError as error:
                delay = self.config.retry.delay(error, attempt)
                if delay is None:
                    raise
            time.sleep(delay)
            attempt += 1

    def _send_once(self, request: Request, key: str | None) -> Mapping[str, Any]:
        began = time.monotonic()
        try:
            response = self._http.send(self.config.build(self._http, request, key), stream=True)
            return data_of(response, Body(response).read())
        except httpx.HTTPError as error:
            raise self.config.disconnected(error, time.monotonic() - began) from error

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._http.is_closed

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
