"""The trusted proxy: its header is believed from its own addresses, and from nowhere else."""

from ipaddress import ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from orchat.choices import Login
from orchat.hosting.addresses import Address, address_of, peer
from orchat.people.proxy import HEADER, refuse, vouch
from orchat.settings import Settings

LONGEST_NAME = 100
"""Characters that are noted of a name that somebody has given themselves."""


class TrustedProxy:
    """ASGI middleware that turns the proxy's header into our own, and drops what others send under either name."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._header = settings.proxy_header.lower().encode()
        self._asked = settings.login is Login.PROXY
        trusted = settings.proxy_addresses if self._asked else ()
        self._networks = [ip_network(network, strict=False) for network in trusted]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a websocket."""
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, "headers": self._rewritten(scope)}
        await self._app(scope, receive, send)

    def _rewritten(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        ours = HEADER.encode()
        named = [value for name, value in scope["headers"] if name.lower() == self._header]
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in (self._header, ours)]
        if self._asked and named:
            name = named[0].decode("latin-1")
            # A header that is there twice was not written by the proxy alone.
            trusted = len(named) == 1 and self._trusts(scope)
            word = vouch(name) if trusted else refuse(str(peer(scope) or "a socket"), name[:LONGEST_NAME])
            kept.append((ours, word.encode()))
        return kept

    def _trusts(self, scope: Scope) -> bool:
        address = peer(scope)
        if address is None or address in _forwarded_for(scope):
            # uvicorn takes a client's address from this header where a program on this machine sends it: whoever is
            # named in it may not be who has connected.
            return False
        return any(address in network for network in self._networks)


def _forwarded_for(scope: Scope) -> set[Address | None]:
    said = Headers(scope=scope).getlist("x-forwarded-for")
    return {address_of(part.strip()) for line in said for part in line.split(",")}
