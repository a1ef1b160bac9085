"""Addresses: which of them belong to the public internet. Everything else may be a server that trusts this machine."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterator

from orchat import ToolError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

UNICAST = ipaddress.ip_network("2000::/3")
"""What is handed out of IPv6. The rest is local, translated (NAT64), mapped to IPv4, or nobody's."""
REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # of protocols; a cloud's metadata among them
        "192.88.99.0/24",  # relays from IPv6, given up
        "168.63.129.16/32",  # Azure's own, in each of its virtual machines
        "3fff::/20",  # for documentation
    )
)


async def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, as the operating system knows them."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ToolError(f"The host {host} cannot be found.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public(addresses: list[str], host: str) -> str:
    """Return the address to connect to.

    Raises:
        ToolError: one of the addresses is not public. One is enough: whoever owns the name chooses which one is used.
    """
    if not addresses:
        raise ToolError(f"The host {host} cannot be found.")
    for address in addresses:
        if not is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise ToolError(f"{host} is not on the public internet, and only public pages may be read.")
    return addresses[0]


def is_public(address: Address) -> bool:
    """Whether an address, and every one that is hidden in it, belongs to the public internet."""
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST:
        return False
    reserved = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    known = address.is_global and not reserved and not any(address in network for network in REFUSED)
    return known and all(map(is_public, _hidden_in(address)))


def _hidden_in(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address tunnels to."""
    if isinstance(address, ipaddress.IPv6Address):
        yield from (each for each in (address.sixtofour, *(address.teredo or ())) if each is not None)
