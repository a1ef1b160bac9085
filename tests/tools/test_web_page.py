"""Pages are read from the public internet, and from nowhere else, whatever an address, a name or a redirect says."""

import asyncio
import gzip
import http.server
import ipaddress
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from langchain_core.tools import BaseTool
from langchain_tests.unit_tests import ToolsUnitTests

from orchat.agent.contract import ToolContext
from orchat.errors import ToolError
from tests.tools.conftest import module

addresses, fetching, reading = (module(f"web_page.{name}") for name in ("addresses", "fetch", "reading"))
HTML = b"""<!doctype html><title>A  page</title><script>alert(1)</script><nav>Menu</nav>
<main><h1>Hello</h1><p>Some <b>words</b> and <a href="/more">more</a>.<img src="http://tracker/x.png"></p></main>"""


PAGES = {
    "bomb": ("text/html", gzip.compress(b"a" * 30_000_000)),
    "binary": ("application/octet-stream", b"\0"),
    "latin": ("text/plain; charset=iso-8859-1", "Grüße".encode("latin-1")),
    "odd": ("text/plain; charset=klingon", b"Hello"),
    "json": ("application/vnd.api+json", b'{"a": 1}'),
}


class Site(http.server.BaseHTTPRequestHandler):
    """A server whose paths are what is to be tried."""

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))
        first, _, rest = self.path.strip("/").partition("/")
        kind, body = PAGES.get(first, ("text/html", HTML))
        status, headers = 200, {}
        if first in ("redirect", "to", "loop"):
            places = {"redirect": rest or "/", "to": self.server.target, "loop": "/loop"}
            status, headers = 302, {"location": places[first], "set-cookie": "id=1"}
        elif first == "bomb":
            headers = {"content-encoding": "gzip"}
        elif first == "missing":
            status = 404
        elif first == "slow":
            time.sleep(1)
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.seen, server.target = [], ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def fetch(site: Any, path: str, **options: Any) -> Any:
    port = site.server_address[1]
    fetcher = fetching.Fetcher(exempt=frozenset({("127.0.0.1", port)}), **options)
    return asyncio.run(fetcher.fetch(f"http://127.0.0.1:{port}/{path}"))


def refused(url: str, *found: str, said: str = "not on the public internet") -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return list(found) or await addresses.resolve(host, port)

    with pytest.raises(ToolError, match=said):
        asyncio.run(fetching.Fetcher(resolve=resolve).fetch(url))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "0",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fc00::1]",
        "[fd00::1]",
        "[fe80::1]",
        "[ff02::1]",
    ],
)
def test_an_address_that_is_not_public_is_refused_however_it_is_written(host: str):
    refused(f"http://{host}/", said="not on the public internet|no web address")


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_public(address: str):
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "found", [("10.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("::ffff:10.0.0.1",), ("fe80::1%eth0",)]
)
def test_a_name_that_leads_inside_is_refused_also_where_only_one_of_its_addresses_does(found: tuple[str, ...]):
    refused("https://example.com/", *found)


@pytest.mark.parametrize(
    "url, said",
    [
        ("file:///etc/passwd", "https:// or http://"),
        ("ftp://example.com/", "https:// or http://"),
        ("gopher://example.com/", "https:// or http://"),
        ("data:text/html,hello", "https:// or http://"),
        ("//example.com/", "https:// or http://"),
        ("example.com", "https:// or http://"),
        ("http:///", "https:// or http://"),
        ("http://user:password@example.com/", "user name or password"),
        ("http://example.com@127.0.0.1/", "user name or password"),
        ("http://example.com:22/", "Port 22"),
        ("https://example.com:80/", "Port 80"),
        ("http://exa mple.com/\x00", "no web address"),
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str, said: str):
    refused(url, "93.184.215.14", said=said)


def test_the_address_that_was_checked_is_the_one_that_is_connected_to():
    asked: list[tuple[str, int]] = []

    async def resolve(host: str, port: int) -> list[str]:
        # The second answer would lead inside: a name is asked for once.
        asked.append((host, port))
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    async def request() -> httpx.Request:
        async with httpx.AsyncClient() as client:
            url = fetching.parsed("https://example.com/path?q=1#part")
            return await fetching.Fetcher(resolve=resolve)._request(client, url)

    made = asyncio.run(request())
    assert asked == [("example.com", 443)]
    assert made.url.host == "93.184.215.14"
    assert made.headers["host"] == "example.com"
    assert made.extensions["sni_hostname"] == "example.com"
    assert str(made.url).endswith("/path?q=1")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://[::ffff:169.254.169.254]/",
        "http://localhost/",
        "file:///etc/passwd",
        "http://a:b@c/",
    ],
)
def test_every_redirect_is_checked_anew(site: Any, target: str):
    site.target = target
    with pytest.raises(ToolError):
        fetch(site, "to")


def test_a_redirect_from_https_to_http_is_refused():
    with pytest.raises(ToolError, match="from https to http"):
        fetching._next(fetching.parsed("https://example.com/"), "http://example.com/")


def test_redirects_are_followed_a_few_times_and_without_cookies(site: Any):
    site.seen.clear()
    assert "Hello" in fetch(site, "redirect//redirect//page").text
    assert len(site.seen) == 3
    assert not any("Cookie" in headers for headers in site.seen)
    with pytest.raises(ToolError, match="more than 5 times"):
        fetch(site, "loop")


@pytest.mark.parametrize("path, said", [("bomb", "larger than 2 MB"), ("binary", "no text"), ("missing", "status 404")])
def test_what_cannot_be_read_is_explained(site: Any, path: str, said: str):
    with pytest.raises(ToolError, match=said):
        fetch(site, path)


def test_a_page_that_takes_too_long_is_given_up(site: Any):
    with pytest.raises(ToolError, match=r"within 0\.2 s"):
        fetch(site, "slow", within=0.2)


def test_a_server_that_is_not_there_is_explained():
    with pytest.raises(ToolError, match="cannot be read: ConnectError"):
        asyncio.run(fetching.Fetcher(exempt=frozenset({("127.0.0.1", 1)})).fetch("http://127.0.0.1:1/"))


@pytest.mark.parametrize("path, text", [("latin", "Grüße"), ("odd", "Hello"), ("json", '{"a": 1}')])
def test_text_is_read_in_the_encoding_that_it_has(site: Any, path: str, text: str):
    assert fetch(site, path).text == text


def test_a_page_becomes_markdown_without_what_is_not_its_text(site: Any):
    title, text = reading.as_markdown(fetch(site, "page"))
    assert title == "A page"
    assert text.startswith("# Hello")
    assert "**words**" in text
    assert f"(http://127.0.0.1:{site.server_address[1]}/more)" in text
    assert not any(gone in text for gone in ("alert", "Menu", "tracker"))


def test_a_page_nested_without_end_is_read_as_plain_text():
    page = fetching.Page("https://example.com/", "text/html", "<div>" * 800 + "deep" + "</div>" * 800)
    assert reading.as_markdown(page) == ("", "deep")


class TestUnit(ToolsUnitTests):
    @property
    def tool_constructor(self) -> BaseTool:
        from orchat.agent.toolbox.loading import checked

        return checked(module("web_page").get_tools(ToolContext()))[0]

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"url": "https://example.com"}
