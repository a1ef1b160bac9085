"""Fetching a public page: the address that was checked is the one that is connected to, at every redirect anew."""

import asyncio
import codecs
import re
import zlib
from dataclasses import dataclass, field
from typing import Any

import httpx

from orchat import ToolError
from orchat.hosts import Resolve

from .addresses import public, resolve

PORTS = {"http": 80, "https": 443}
MAX_BYTES = 2_000_000
MAX_REDIRECTS = 5
WITHIN = 20.0
KINDS = ("application/json", "application/xml")
KINDS_BY_SUFFIX = ("+json", "+xml")
COMPRESSED = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
"""What is asked for and understood, with zlib's number for it. Others (br, zstd) can hold gigabytes in a few
bytes, and would be unpacked in one go."""
ENCODINGS = re.compile(r"(utf-(8|16|32)|ascii|latin|iso8859|cp|koi8|big5|gb|euc|shift|iso2022|mac|tis)")
"""Encodings of text. Python knows others of that name, some of them slow enough to be an attack."""
DECLARED = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
AGENT = "Mozilla/5.0 (compatible; orchat)"


@dataclass(frozen=True, slots=True)
class Page:
    """What was found at an address."""

    url: str
    kind: str
    text: str


@dataclass(frozen=True)
class Fetcher:
    """Fetches pages. `exempt` are host and port pairs that need not be public: for tests, and nothing else sets it."""

    resolve: Resolve = resolve
    exempt: frozenset[tuple[str, int]] = frozenset()
    within: float = WITHIN
    headers: dict[str, str] = field(
        default_factory=lambda: {
            "user-agent": AGENT,
            "accept": "text/html,text/*;q=0.9,*/*;q=0.1",
            "accept-encoding": "gzip",
        }
    )

    async def fetch(self, url: str) -> Page:
        """Return the page at an address.

        Raises:
            ToolError: it is not public, not text, too large, too slow, or not there.
        """
        try:
            async with asyncio.timeout(self.within):
                return await self._follow(url)
        except TimeoutError:
            raise ToolError(f"The page did not come within {self.within:g} s.") from None
        except httpx.HTTPError as error:
            raise ToolError(f"The page cannot be read: {type(error).__name__}.") from error

    async def _follow(self, url: str) -> Page:
        here = parsed(url)
        # One client for each page: no cookie, proxy or password of this machine goes along, and nothing stays open. A
        # connection carries one request: it was checked for one name, and the next page may have another at this IP.
        once = httpx.Limits(max_keepalive_connections=0)
        options: Any = {"trust_env": False, "follow_redirects": False, "headers": self.headers, "limits": once}
        async with httpx.AsyncClient(**options) as client:
            for _ in range(MAX_REDIRECTS + 1):
                request = await self._request(client, here)
                async with _Answer(await client.send(request, stream=True)) as response:
                    if not response.has_redirect_location:
                        return await _read(response, here)
                    here = _next(here, response.headers["location"])
                client.cookies.clear()
        raise ToolError(f"The page redirects more than {MAX_REDIRECTS} times.")

    async def _request(self, client: httpx.AsyncClient, url: httpx.URL) -> httpx.Request:
        """Return the request for an address that has been resolved and checked, to the very IP that was checked."""
        port = url.port or PORTS[url.scheme]
        if (url.host, port) in self.exempt:
            return client.build_request("GET", url)
        if port != PORTS[url.scheme]:
            raise ToolError(f"Port {port} is not one of web pages.")
        address = public(await self.resolve(url.host, port), url.host)
        pinned = url.copy_with(host=address)
        # The name goes into the Host header and into TLS, whose certificate has to be that name's.
        names = {"host": url.netloc.decode("ascii")}
        return client.build_request("GET", pinned, headers=names, extensions={"sni_hostname": url.host})


class _Answer:
    """Closes a streamed response."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    async def __aenter__(self) -> httpx.Response:
        return self._response

    async def __aexit__(self, *_: object) -> None:
        await self._response.aclose()


def parsed(url: str) -> httpx.URL:
    """Return an address, parsed once: what is checked is what is used.

    Raises:
        ToolError: it is no plain web address.
    """
    try:
        found = httpx.URL(url.strip())
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise ToolError(f"“{url}” is no web address.") from error
    if found.scheme not in PORTS or not found.host:
        raise ToolError("The address has to begin with https:// or http://.")
    if found.userinfo:
        raise ToolError("An address with a user name or password is not fetched.")
    return found.copy_with(fragment=None)


def _next(here: httpx.URL, location: str) -> httpx.URL:
    try:
        there = parsed(str(here.join(location)))
    except httpx.InvalidURL as error:
        raise ToolError("The page redirects to what is no web address.") from error
    if here.scheme == "https" and there.scheme == "http":
        raise ToolError("The page redirects from https to http, where others can read along.")
    return there


async def _read(response: httpx.Response, url: httpx.URL) -> Page:
    if response.is_error:
        raise ToolError(f"{url.host} answered with status {response.status_code}.")
    kind = response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if not kind.startswith("text/") and kind not in KINDS and not kind.endswith(KINDS_BY_SUFFIX):
        raise ToolError(f"This is no text: the page is of type {kind}.")
    body = await _body(response)
    return Page(str(url), kind, _decoded(body, response.charset_encoding))


async def _body(response: httpx.Response) -> bytes:
    """Return the body, unpacked piece by piece: a few kilobytes can hold gigabytes."""
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "", *COMPRESSED):
        raise ToolError(f"The page is packed as {packed}, which is not read.")
    unpack = zlib.decompressobj(COMPRESSED[packed]) if packed in COMPRESSED else None
    received, arrived = bytearray(), 0
    async for piece in response.aiter_raw():
        arrived += len(piece)
        try:
            received += unpack.decompress(piece, MAX_BYTES + 1 - len(received)) if unpack else piece
        except zlib.error as error:
            raise ToolError(f"The page says that it is packed as {packed}, and is not.") from error
        if max(len(received), arrived) > MAX_BYTES or (unpack and unpack.unconsumed_tail):
            raise ToolError(f"The page is larger than {MAX_BYTES // 1_000_000} MB.")
    return bytes(received)


def _decoded(body: bytes, said: str | None) -> str:
    """Return a body as text, in the encoding that its header says, else its own first lines, else UTF-8."""
    declared = DECLARED.search(body[:2048])
    for name in filter(None, (said, declared and declared[1].decode())):
        try:
            encoding = codecs.lookup(name).name
        except LookupError:
            continue
        if ENCODINGS.match(encoding):
            return body.decode(encoding, "replace")
    return body.decode("utf-8", "replace")
