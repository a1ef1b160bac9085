"""What code may reach, and what its interpreter has to know for that."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from orchat.hosts import Host
from orchat.sandbox.egress.proxy import Proxy

PORT = 3128
ADDRESS = f"http://127.0.0.1:{PORT}"
"""Where the proxy is, in the network of the interpreter, which has nothing else in it."""
CERTIFICATES = "/opt/orchat/certificates.pem"


class Egress:
    """The hosts, the index of packages, and the proxy that lets nothing else through. Thread-safe."""

    def __init__(self, hosts: tuple[Host, ...], index: str = "") -> None:
        """Allow `hosts`, and those of an `index` (the address of a simple repository) for pip."""
        self.hosts = hosts
        self.index = index
        self.proxy = Proxy((*hosts, *hosts_of(index)))

    @property
    def certificates(self) -> Path:
        """The authorities that this machine trusts, as a file."""
        return Path(ssl.get_default_verify_paths().cafile or certifi.where())

    def variables(self) -> dict[str, str]:
        """The environment variables by which programs find the proxy and the authorities."""
        names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        trust = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        return {**dict.fromkeys(names, ADDRESS), **dict.fromkeys(trust, CERTIFICATES)}

    def described(self) -> str:
        """What may be reached, in one sentence."""
        names = ", ".join(host.name for host in self.hosts)
        packages = f"packages of {urlsplit(self.index).hostname}" if self.index else ""
        return " and ".join(filter(None, (names, packages)))


def hosts_of(index: str) -> tuple[Host, ...]:
    """The host of an index, if there is one."""
    address = urlsplit(index)
    if not address.hostname:
        return ()
    return (Host(address.hostname, (address.port or (443 if address.scheme == "https" else 80),)),)
