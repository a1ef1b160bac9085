"""What a client knows: where OpenRouter is, who asks, and how patiently. Shared by the sync and the async client."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypedDict
from urllib.parse import urlsplit

import httpx

from orchat.errors import (
    ConnectionFailedError,
    InvalidRequestError,
    MalformedResponseError,
    OpenRouterError,
    SettingsError,
    StreamTruncatedError,
)
from orchat.events import Event
from orchat.openrouter.books import Books
from orchat.openrouter.enforcement import governed
from orchat.openrouter.failures import error_from, excerpt
from orchat.openrouter.parser import ReplyParser, read_json
from orchat.openrouter.request import BASE_URL, App, Request, default_headers
from orchat.openrouter.routing import Routing
from orchat.openrouter.rules import RulesNow, no_rules
from orchat.openrouter.waiting import RetryPolicy

CONNECT_TIMEOUT = 10.0
REQUEST_TIMEOUT = 30.0
IDLE_TIMEOUT = 120.0
AT_ONCE = 0.5
LONGEST_BODY, LONGEST_ERROR = 32 * 2**20, 2**20
"""Bytes that are read of an answer that is no stream, and of one that says what went wrong."""


class ClientOptions(TypedDict, total=False):
    """The options of a client beside its key, as keyword arguments. What they are by default: `ClientConfig`."""

    management_key: str | None
    base_url: str
    app: App
    routing: Routing
    retry: RetryPolicy
    timeout: float
    idle_timeout: float
    keep_alive: bool
    books: Books | None
    rules: RulesNow
    read_every: Callable[[], float] | None


class ChangedOptions(ClientOptions, total=False):
    """The options of a client that another may have differently: all of them, and the key."""

    api_key: str | None


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """The settings of a client. Times are seconds; secrets are left out of its repr.

    Raises:
        SettingsError: `base_url` is no http(s) address.
        AuthenticationError: a key cannot be a key.
    """

    api_key: str | None = field(default=None, repr=False)
    management_key: str | None = field(default=None, repr=False)
    base_url: str = BASE_URL
    app: App = field(default_factory=App)
    routing: Routing = field(default_factory=Routing)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeout: float = REQUEST_TIMEOUT
    idle_timeout: float = IDLE_TIMEOUT
    keep_alive: bool = True
    """Whether connections stay open for the next request."""
    books: Books | None = None
    """Who is told of each request to a model, before it is sent."""
    rules: RulesNow = no_rules
    """What the operator forbids, asked anew for each request."""
    read_every: Callable[[], float] | None = None
    """How long a connection rests after a read; for the async client, and many streams at once."""

    def __post_init__(self) -> None:
        _check_address(self.base_url)
        default_headers(self.api_key, self.app)
        default_headers(self.management_key, self.app)

    @classmethod
    def check_names(cls, client: type, options: Mapping[str, object]) -> None:
        """Let only options pass that a client has.

        Raises:
            TypeError: one of them is no option; it names the client and the options that there are.
        """
        known = [option.name for option in fields(cls)]
        unknown = ", ".join(f"`{name}`" for name in options if name not in known)
        if unknown:
            there_are = f"There are {', '.join(known)}; a new client also takes http."
            raise TypeError(f"{client.__name__} has no option {unknown}. {there_are}")

    def http_options(self) -> dict[str, Any]:
        """Return the options of the httpx client that carries the requests."""
        kept = 40 if self.keep_alive else 0
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=kept, keepalive_expiry=60)
        timeout = httpx.Timeout(self.timeout, connect=CONNECT_TIMEOUT)
        return {"timeout": timeout, "limits": limits, "verify": _certificates()}

    def governed(self, request: Request) -> Request:
        """Return the request as the operator's rules let it go out; raises as `enforcement.governed`."""
        return governed(request, self.rules())

    def build(self, http: httpx.Client | httpx.AsyncClient, request: Request, key: str | None = None) -> httpx.Request:
        """Return the httpx request; `key` replaces the API key.

        Raises:
            InvalidRequestError: the body holds what JSON cannot (bytes, NaN, half a surrogate pair), or what the
                operator forbids: whatever made the request, here it is looked at once more.
        """
        request = self.governed(request)
        streaming = bool(request.body and request.body.get("stream"))
        read = self.idle_timeout if streaming else self.timeout
        headers = httpx.Headers(default_headers(key or self.api_key, self.app))
        headers.update(request.headers)
        try:
            return http.build_request(
                request.method,
                self.base_url.rstrip("/") + request.path,
                json=request.body,
                params=request.query or None,
                headers=headers,
                timeout=httpx.Timeout(self.timeout, connect=CONNECT_TIMEOUT, read=read),
            )
        except (TypeError, ValueError) as error:
            raise InvalidRequestError(f"The request cannot be written as JSON: {error}") from error

    def parser(self, response: httpx.Response) -> ReplyParser:
        """Return the parser for an answer that has begun."""
        return ReplyParser(
            json_body="json" in response.headers.get("content-type", ""),
            generation_id=response.headers.get("x-generation-id"),
            idle_timeout=self.idle_timeout,
        )

    def disconnected(self, error: httpx.HTTPError, waited: float) -> OpenRouterError:
        """Return our error for a failure of the way to OpenRouter, `waited` seconds after the request began."""
        host, detail = urlsplit(self.base_url).netloc, str(error) or repr(error)
        if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
            failed = ConnectionFailedError(f"{host} did not answer in time.", detail=detail)
            failed.sent = True
            return failed
        if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError):
            failed = ConnectionFailedError(f"{host} closed the connection without an answer.", detail=detail)
            # At once: the connection had been kept open for too long, and nobody has read the request.
            failed.sent = waited > AT_ONCE
            return failed
        return ConnectionFailedError(f"{host} cannot be reached.", detail=detail)


@cache
def _certificates() -> ssl.SSLContext:
    # Reading them takes up to 0.1 s, which each client would spend again.
    return httpx.create_ssl_context()


def _check_address(address: str) -> None:
    # The address itself is not repeated where it may hold a password.
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise SettingsError("OPENROUTER_BASE_URL is no http or https address.") from error
    if url.userinfo:
        raise SettingsError("OPENROUTER_BASE_URL holds a user name or password, which would replace the API key.")
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise SettingsError(f"OPENROUTER_BASE_URL is “{address}”, which is no plain http or https address.")


def broken(parser: ReplyParser, error: httpx.HTTPError) -> Iterator[Event]:
    """Yield the last events of an answer whose connection broke after its end; raise for one that broke before."""
    if isinstance(error, httpx.ReadTimeout):
        return parser.broke(parser.silent())
    cut = StreamTruncatedError("The connection broke before the answer was finished.", detail=str(error))
    return parser.broke(cut)


class Body:
    """The body of a response while it is read, at most so much of it."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._most = LONGEST_BODY if response.is_success else LONGEST_ERROR
        self._parts: list[bytes] = []
        self._length = 0

    def take(self, part: bytes) -> bool:
        """Take the next bytes; False when no more are needed: an error says what it is at its beginning.

        Raises:
            MalformedResponseError: it is longer than anything that OpenRouter sends.
        """
        self._parts.append(part)
        self._length += len(part)
        if self._length > self._most and self._response.is_success:
            raise MalformedResponseError(f"What arrived is longer than {LONGEST_BODY // 2**20} MiB.")
        return self._length <= self._most

    def read(self) -> bytes:
        """Read it all."""
        with closing(self._response):
            for part in self._response.iter_bytes():
                if not self.take(part):
                    break
        return b"".join(self._parts)

    async def aread(self) -> bytes:
        """As `read`, for the async client."""
        async with aclosing(self._response):
            async for part in self._response.aiter_bytes():
                if not self.take(part):
                    break
        return b"".join(self._parts)


def failure(response: httpx.Response, body: bytes) -> OpenRouterError:
    """Return the error for a response with an error status."""
    return error_from(
        _parsed(body),
        status=response.status_code,
        headers=response.headers,
        generation_id=response.headers.get("x-generation-id"),
    )


def data_of(response: httpx.Response, received: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a response whose body has been received.

    Raises:
        OpenRouterError: it is an error, whatever the status says.
    """
    body = _parsed(received)
    if not response.is_success or (isinstance(body, Mapping) and body.get("error")):
        raise failure(response, received)
    if not isinstance(body, Mapping):
        raise MalformedResponseError("What arrived is not what OpenRouter sends.", detail=excerpt(_text(received)))
    return body


def _parsed(body: bytes) -> Any:
    try:
        return read_json(body)
    except ValueError:
        return _text(body)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
