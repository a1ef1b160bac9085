"""Which hosts an operator's words allow, and which addresses these may have."""

import ipaddress

import pytest

from orchat.hosts import Host


@pytest.mark.parametrize(
    ("text", "name", "ports"),
    [
        ("example.org", "example.org", (80, 443)),
        (" Example.ORG ", "example.org", (80, 443)),
        ("example.org:8443", "example.org", (8443,)),
        ("*.example.org", "*.example.org", (80, 443)),
        ("192.0.2.1:80", "192.0.2.1", (80,)),
        ("[2001:db8::1]:80", "2001:db8::1", (80,)),
    ],
)
def test_a_host_is_read(text: str, name: str, ports: tuple[int, ...]):
    assert Host.parse(text) == Host(name, ports)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "*.",
        "https://example.org",
        "example.org/path",
        "a b",
        "a@b",
        "a:0",
        "a:65536",
        "a:b",
        "ex*.org",
        "ä.de",
    ],
)
def test_what_is_no_host_is_refused_with_how_to_write_it(text: str):
    with pytest.raises(ValueError, match=r"write example\.org"):
        Host.parse(text)


def test_a_host_is_that_name_and_that_port_only():
    host = Host.parse("example.org")
    assert host.covers("example.org", 443)
    assert not host.covers("example.org", 22)
    for name in ("www.example.org", "notexample.org", "example.org.evil.test", "example", ""):
        assert not host.covers(name, 443)


def test_a_star_stands_for_every_host_below():
    host = Host.parse("*.example.org")
    assert host.covers("www.example.org", 443)
    assert host.covers("a.b.example.org", 443)
    for name in ("example.org", "wwwexample.org", "www.example.org.evil.test"):
        assert not host.covers(name, 443)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd00::1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a00:1"],
)
def test_a_host_of_the_internet_has_no_private_address(address: str):
    assert not Host.parse("example.org").accepts(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "::1", "fd00::1", "1.1.1.1"])
def test_an_internal_host_may_have_one(address: str):
    assert Host.parse("server", internal=True).accepts(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "fd00:ec2::254", "168.63.129.16", "192.0.0.192", "224.0.0.1", "0.0.0.0", "::"),
        *("::ffff:169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"),
    ],
)
def test_no_host_at_all_is_the_metadata_of_a_cloud(address: str):
    assert not Host.parse("server", internal=True).accepts(ipaddress.ip_address(address))
