"""Hosts: names that an operator allows, and which addresses belong to the public internet.

Whatever is not public may be a server that trusts this machine.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Self

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a host, by its name and a port."""

WEB_PORTS = (80, 443)
PATTERN = re.compile(r"(?P<name>(\*\.)?[a-z0-9_]([a-z0-9_.-]{0,250}[a-z0-9_])?|\[[0-9a-f:.]+\])(:(?P<port>\d{1,5}))?")
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


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be reached, or with a name that begins with `*.` every host below it."""

    name: str
    ports: tuple[int, ...] = WEB_PORTS
    internal: bool = False
    """Whether it may have an address that is not public."""

    @classmethod
    def parse(cls, text: str, *, internal: bool = False) -> Self:
        """Read `name`, `name:port`, `*.name` or an address, IPv6 in brackets.

        Raises:
            ValueError: it is none of these.
        """
        found = PATTERN.fullmatch(text.strip().lower())
        port = int(found["port"]) if found and found["port"] else None
        if found is None or (port is not None and not 0 < port < 1 << 16):
            raise ValueError(f"“{text}” is no host: write example.org, *.example.org, or example.org:8443")
        return cls(found["name"].strip("[]"), WEB_PORTS if port is None else (port,), internal)

    def covers(self, name: str, port: int) -> bool:
        """Whether this is the host of that name (in lower case) and port."""
        if port not in self.ports:
            return False
        return name.endswith(self.name[1:]) if self.name.startswith("*.") else name == self.name

    def accepts(self, address: Address) -> bool:
        """Whether it may have this address."""
        return is_private_service(address) if self.internal else is_public(address)


async def resolve(name: str, port: int) -> list[str]:
    """Return the IP addresses of a host, as the operating system knows them.

    Raises:
        OSError: it knows none.
        UnicodeError: no host can have this name.
    """
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether an address, and every one that is hidden in it, belongs to the public internet."""
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST:
        return False
    reserved = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    known = address.is_global and not reserved and not any(address in network for network in REFUSED)
    return known and all(map(is_public, _hidden_in(address)))


def is_private_service(address: Address) -> bool:
    """Whether an address may be a server of one's own network, or public; a cloud's metadata is neither."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return False
    nobody = address.is_multicast or address.is_unspecified or address.is_link_local
    own = address.is_private and not any(address in network for network in REFUSED)
    # The metadata of Amazon's cloud, by IPv6.
    return is_public(address) or (own and not nobody and str(address) != "fd00:ec2::254")


def _hidden_in(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address tunnels to."""
    if isinstance(address, ipaddress.IPv6Address):
        yield from (each for each in (address.sixtofour, *(address.teredo or ())) if each is not None)
