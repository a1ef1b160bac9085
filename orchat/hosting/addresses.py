"""Addresses of whoever is at the other end of a connection."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.types import Scope

Address = IPv4Address | IPv6Address


def peer(scope: Scope) -> Address | None:
    """Return the address that a request came from, None for a Unix socket."""
    client = scope.get("client")
    return address_of(client[0]) if client else None


def address_of(text: str) -> Address | None:
    """Return an address as it is written, with or without a port, None if it is none; IPv4 within IPv6 is IPv4."""
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        try:
            address = ip_address(urlsplit(f"//{text}").hostname or "")
        except ValueError:
            return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
