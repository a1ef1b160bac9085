"""Addresses of whoever is at the other end of a connection."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.types import Scope

Address = IPv4Address | IPv6Address


def peer(scope: Scope) -> Address | None:
    """Return the address that a request came from, None for a Unix socket; IPv4 within IPv6 is IPv4."""
    client = scope.get("client")
    try:
        address = ip_address(client[0]) if client else None
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
