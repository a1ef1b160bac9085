"""Requests: the one place that says what is sent to OpenRouter. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import punctuation
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from orchat.errors import AuthenticationError, InvalidRequestError, ZDRConflictError
from orchat.openrouter.privacy import CACHE_HEADER, uncovered
from orchat.openrouter.routing import Routing
from orchat.wire import JSON

BASE_URL = "https://openrouter.ai/api/v1"
SESSION_ID_LENGTH = 256
ZDR_HEADER = "x-openrouter-zdr"


@dataclass(frozen=True, slots=True)
class App:
    """Who asks, for OpenRouter's app rankings; nothing is sent for a part that is empty.

    Source: https://openrouter.ai/docs/app-attribution. Without `url` OpenRouter attributes nothing.
    """

    url: str = ""
    title: str = ""

    def headers(self) -> dict[str, str]:
        """Return the attribution headers."""
        # Header values are ASCII: accents leave the title, the address is percent-encoded.
        title = " ".join(normalize("NFKD", self.title).encode("ascii", "ignore").decode().split())
        named = {"HTTP-Referer": quote(self.url, safe=punctuation), "X-OpenRouter-Title": title}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: path below the base URL, JSON body (None for GET), extra headers, query."""

    method: str
    path: str
    body: JSON | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def chat_request(
    messages: Sequence[Mapping[str, Any]],
    *,
    model: str | None = None,
    routing: Routing | None = None,
    session_id: str | None = None,
    user: str | None = None,
    headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Request:
    """Return the streaming request for a chat completion. `parameters` go into the body untouched.

    Raises:
        InvalidRequestError: there is no model or no message, or something in the request has a wrong shape.
        ZDRConflictError: ZDR is on and something is asked for that it cannot cover.
    """
    routing = routing or Routing()
    if not messages:
        raise InvalidRequestError("There is no message to send.")
    if not (model or routing.auto):
        raise InvalidRequestError("No model is chosen.", advice="Choose a model, or turn the auto-router on.")
    body: JSON = {"model": model, "messages": [dict(message) for message in messages], **(parameters or {})}
    body["stream"] = True
    if session_id:
        # Groups the requests of a conversation and keeps it with one provider, whose prompt cache then hits.
        body.setdefault("session_id", session_id[:SESSION_ID_LENGTH])
    if user:
        body.setdefault("user", user)
    return inference_request("/chat/completions", body, routing, headers)


def inference_request(path: str, body: JSON, routing: Routing, headers: Mapping[str, str] | None = None) -> Request:
    """Return a POST that a model will answer, with routing and privacy applied to body and headers.

    Raises:
        InvalidRequestError: something in it has a wrong shape.
        ZDRConflictError: ZDR is on and something is asked for that it cannot cover.
    """
    body = routing.apply(body)
    sent = _checked(headers or {})
    if (body.get("provider") or {}).get("zdr"):
        if beyond := uncovered(body, path=path, headers=sent):
            raise ZDRConflictError(" ".join(dict.fromkeys(part.reason for part in beyond)))
        # The body is what OpenRouter enforces. It does not document the header, which is sent for proxies that look
        # for it.
        sent |= {ZDR_HEADER: "true", CACHE_HEADER: "false"}
    return Request("POST", path, body, sent)


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    """Names in lower case, so that no second spelling of one stands beside ours."""
    for name, value in headers.items():
        if not (name.isascii() and value.isascii() and value.isprintable()):
            raise InvalidRequestError(f"The header “{name}” has characters that no header can hold.")
    return {name.lower(): value for name, value in headers.items()}


def default_headers(api_key: str | None, app: App) -> dict[str, str]:
    """Return the headers of every request.

    Raises:
        AuthenticationError: the key cannot be a key (white space or other than visible ASCII in it).
    """
    headers = app.headers()
    if api_key:
        if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
            raise AuthenticationError("The API key has characters that no key has; it may be cut or wrapped.")
        headers["Authorization"] = f"Bearer {api_key}"
    return headers
