"""Addresses: which of them belong to the public internet. Everything else may be a server that trusts this machine."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterator

from orchat import ToolError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

NAT64 = ipaddress.ip_network("64:ff9b::/96")
COMPATIBLE = ipaddress.ip_network("::/96")


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
    reserved = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not reserved and all(map(is_public, _hidden_in(address)))


def _hidden_in(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address leads to: mapped, translated or tunnelled."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    teredo = address.teredo or ()
    found = [address.ipv4_mapped, address.sixtofour, *teredo]
    if address in NAT64 or address in COMPATIBLE:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    yield from (each for each in found if each is not None)
