"""ReplyStream: the events of one answer, for a client without an event loop."""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from types import TracebackType
from typing import Self

import httpx

from orchat.errors import OpenRouterError
from orchat.events import Event, Retrying
from orchat.openrouter.books import WORDS, BlockingEntry, Books
from orchat.openrouter.config import Body, ClientConfig, broken, failure
from orchat.openrouter.hanging_up import hang_up
from orchat.openrouter.request import Request
from orchat.reply import Reply


class ReplyStream(Iterator[Event]):
    """The events of one answer. `reply` is the answer as far as it has come, also after an error."""

    def __init__(self, config: ClientConfig, http: httpx.Client, request: Request) -> None:
        self.request = config.governed(request)
        self.reply = Reply()
        self._config = config
        self._http = http
        self._closed = threading.Event()
        self._response: httpx.Response | None = None
        self._entry: BlockingEntry | None = None
        self._events = self._run() if config.books is None else self._booked(config.books)

    def __iter__(self) -> Iterator[Event]:
        return self._events

    def __next__(self) -> Event:
        return next(self._events)

    def _booked(self, books: Books) -> Generator[Event]:
        entry, problem = books.enter(self.request), None
        self._entry = entry
        try:
            for event in self._run():
                if isinstance(event, WORDS):
                    entry.first_word()
                yield event
        except BaseException as error:
            problem = error
            raise
        finally:
            entry.end(self.reply, problem)

    def _run(self) -> Generator[Event]:
        attempt = 1
        while not self._closed.is_set():
            try:
                response = self._open()
            except OpenRouterError as error:
                delay = self._config.retry.delay(error, attempt)
                if delay is None:
                    raise
                yield Retrying(delay, attempt, error.message)
                self._closed.wait(delay)
                attempt += 1
                continue
            with closing(response):
                if not self._closed.is_set():
                    yield from self._read(response)
            return

    def _open(self) -> httpx.Response:
        began = time.monotonic()
        try:
            response = self._http.send(self._config.build(self._http, self.request), stream=True)
            self._response = response
            body = b"" if response.is_success else Body(response).read()
        except httpx.HTTPError as error:
            raise self._config.disconnected(error, time.monotonic() - began) from error
        if not response.is_success:
            raise failure(response, body)
        if self._entry is not None:
            self._entry.begun(response.headers.get("x-generation-id"))
        return response

    def _read(self, response: httpx.Response) -> Iterator[Event]:
        parser = self._config.parser(response)
        self.reply = parser.reply
        try:
            for received in response.iter_bytes():
                yield from parser.feed(received)
        except httpx.HTTPError as error:
            if self._closed.is_set():
                return
            yield from broken(parser, error)
            return
        if not self._closed.is_set():
            yield from parser.close()

    def close(self) -> None:
        """End the answer and close its connection; may be called from any thread, and more than once."""
        self._closed.set()
        if self._response is not None:
            hang_up(self._response)
        # While another thread is reading, the generator cannot be closed from here: it ends at the closed socket.
        with suppress(ValueError):
            self._events.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
