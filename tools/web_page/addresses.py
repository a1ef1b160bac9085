"""Addresses: which of them belong to the public internet. Everything else may be a server that trusts this machine."""

import ipaddress

from orchat import ToolError
from orchat.hosts import is_public
from orchat.hosts import resolve as look_up


async def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, as the operating system knows them."""
    try:
        return await look_up(host, port)
    except (OSError, UnicodeError) as error:
        raise ToolError(f"The host {host} cannot be found.") from error


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
