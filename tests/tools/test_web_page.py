"""Pages are read from the public internet, and from nowhere else, whatever an address, a name or a redirect says.

A name says which hole of another front end its test is for. CVE-2026-31943: addresses in odd spellings. CVE-2026-45400:
two parsers of one address. CVE-2026-45401: redirects and names that lead inside after the check.
"""

import asyncio
import contextlib
import gzip
import http.server
import ipaddress
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import zstandard
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from orchat.agent.contract import ToolContext
from orchat.errors import ToolError
from tests.tools.conftest import module

addresses, fetching, reading = (module(f"web_page.{name}") for name in ("addresses", "fetch", "reading"))
HTML = b"""<!doctype html><title>A  page</title><script>alert(1)</script><nav>Menu</nav>
<main><h1>Hello</h1><p>Some <b>words</b> and <a href="/more">more</a>.<img src="http://tracker/x.png"></p></main>"""


PAGES = {
    "bomb": ("text/html", gzip.compress(b"a" * 30_000_000)),
    "bombs": ("text/html", gzip.compress(gzip.compress(b"a" * 30_000_000))),
    "brotli": ("text/html", b"\x1b\x00"),
    "zstd": ("text/html", zstandard.compress(b"a" * 30_000_000)),
    "unpacked": ("text/html", b"this is no gzip"),
    "gzip": ("text/html", gzip.compress(b"<p>Unpacked</p>")),
    "large": ("text/html", b"a" * 2_000_001),
    "meta": ("text/html", b"<meta charset='iso-8859-1'><p>" + "Grüße".encode("latin-1")),
    "csv": ("text/csv", b"a,b"),
    "binary": ("application/octet-stream", b"\0"),
    "latin": ("text/plain; charset=iso-8859-1", "Grüße".encode("latin-1")),
    "odd": ("text/plain; charset=klingon", b"Hello"),
    "slowest": ("text/plain; charset=punycode", b"Hello"),
    "undefined": ("text/plain; charset=undefined", b"Hello"),
    "json": ("application/vnd.api+json", b'{"a": 1}'),
}


PACKED = {"bomb": "gzip", "bombs": "gzip, gzip", "brotli": "br", "zstd": "zstd", "unpacked": "gzip", "gzip": "gzip"}


class Site(http.server.BaseHTTPRequestHandler):
    """A server whose paths are what is to be tried."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))
        if self.client_address not in self.server.connections:
            self.server.connections.append(self.client_address)
        first, _, rest = self.path.strip("/").partition("/")
        kind, body = PAGES.get(first, ("text/html", HTML))
        status, headers = 200, {}
        if first in ("redirect", "to", "loop"):
            places = {"redirect": rest or "/", "to": self.server.target, "loop": "/loop"}
            status, headers = 302, {"location": places[first], "set-cookie": "id=1"}
        elif first in PACKED:
            headers = {"content-encoding": PACKED[first]}
        elif first == "drip":
            self.drip()
            return
        elif first == "missing":
            status = 404
        elif first == "slow":
            time.sleep(1)
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        """Send a page a byte at a time, without an end."""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"a")
                self.wfile.flush()
                time.sleep(0.02)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.seen, server.target, server.connections = [], "", []
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
        "127。0。0。1",
        "localhost.",
        "0x7f000001",
        "017700000001",
        "%31%32%37.0.0.1",
        "①②⑦.⓪.⓪.①",
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "100.100.100.200",
        "240.0.0.1",
        "[fec0::1]",
        "[3fff::1]",
        "[5f00::1]",
        "[100::1]",
        "[2001:db8::1]",
        "[4000::1]",
        "[::ffff:0:127.0.0.1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[fd00:ec2::254]",
        "[::1%25lo]",
        "167772161",
        "012.0.0.1",
        "0xa.1",
        "10.1",
        "1681915905",
        "0144.0100.0.1",
        "0x64400001",
        "[::ffff:10.0.0.1]",
        "[::ffff:a00:1]",
        "[::ffff:100.64.0.1]",
        "[::ffff:6440:1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
    ],
)
def test_cve_2026_31943_an_address_that_is_not_public_is_refused_however_it_is_written(host: str):
    refused(f"http://{host}/", said="not on the public internet|no web address|cannot be found")


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_public(address: str):
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "found", [("10.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("::ffff:10.0.0.1",), ("fe80::1%eth0",)]
)
def test_cve_2026_45401_a_name_that_leads_inside_is_refused_also_where_only_one_of_its_addresses_does(
    found: tuple[str, ...],
):
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
        ("http://good.com\\@127.0.0.1/", "user name or password"),
        ("http://127.0.0.1:80\\@127.2.2.2:80/", "user name or password"),
        ("http://foo@evil.com:80@google.com/", "user name or password"),
        ("http://1.1.1.1 &@2.2.2.2# @3.3.3.3/", "user name or password"),
        ("http://127.0.0.1%2f@good.com/", "user name or password"),
        ("http:127.0.0.1", "https:// or http://"),
        ("http:/127.0.0.1", "https:// or http://"),
        ("javascript:alert(1)", "https:// or http://"),
        ("ht\ntp://127.0.0.1/", "no web address"),
        ("http://exa\tmple.com/", "no web address"),
        ("http://example.com:99999/", "Port 99999"),
        ("http://example.com:22/", "Port 22"),
        ("https://example.com:80/", "Port 80"),
        ("http://exa mple.com/\x00", "no web address"),
    ],
)
def test_cve_2026_45400_what_is_no_plain_web_address_is_refused(url: str, said: str):
    refused(url, "93.184.215.14", said=said)


@pytest.mark.parametrize("url", ["http://127.0.0.1#@good.com/", "http://@127.0.0.1/", "http://127.0.0.1/?@good.com"])
def test_cve_2026_45400_what_looks_like_another_host_is_none(url: str):
    refused(url)


def test_cve_2026_45401_the_address_that_was_checked_is_the_one_that_is_connected_to():
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
        "http://169.254.169.254/latest/meta-data/",
        "//127.0.0.1:2/",
        "http://2130706433/",
        "ftp://example.com/",
        "http://[fd00::1]/",
    ],
)
def test_cve_2026_45401_every_redirect_is_checked_anew(site: Any, target: str):
    site.target = target
    with pytest.raises(ToolError):
        fetch(site, "to")


def test_cve_2026_45401_the_name_of_each_redirect_is_looked_up_and_may_not_lead_inside(site: Any):
    port = site.server_address[1]

    async def resolve(host: str, port: int) -> list[str]:
        return {"moved.example": ["93.184.215.14", "127.0.0.1"]}[host]

    fetcher = fetching.Fetcher(resolve=resolve, exempt=frozenset({("127.0.0.1", port)}))
    site.target = "http://moved.example/"
    with pytest.raises(ToolError, match=r"moved\.example is not on the public internet"):
        asyncio.run(fetcher.fetch(f"http://127.0.0.1:{port}/to"))


def test_cve_2026_45401_a_name_that_answers_otherwise_at_the_next_hop_is_refused_there():
    answers = [["93.184.215.14"], ["127.0.0.1"]]

    async def resolve(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async def two_hops() -> str:
        fetcher, url = fetching.Fetcher(resolve=resolve), fetching.parsed("http://changing.example/")
        async with httpx.AsyncClient() as client:
            first = await fetcher._request(client, url)
            with pytest.raises(ToolError, match=r"changing\.example is not on the public internet"):
                await fetcher._request(client, fetching._next(url, "http://changing.example/moved"))
        return str(first.url.host)

    assert asyncio.run(two_hops()) == "93.184.215.14"
    assert answers == []


def test_nothing_of_this_machine_goes_along(site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    """No proxy, which would connect to wherever it likes, and no password of the environment's."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    site.seen.clear()
    assert "Hello" in fetch(site, "page").text
    assert {name.lower() for name in site.seen[0]} <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


def test_a_connection_carries_one_request_since_it_was_checked_for_one_name(site: Any):
    site.connections.clear()
    assert "Hello" in fetch(site, "redirect//page").text
    assert len(site.connections) == 2


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


@pytest.mark.parametrize(
    "path, said",
    [
        ("bomb", "larger than 2 MB"),
        ("bombs", "packed as gzip, gzip"),
        ("brotli", "packed as br"),
        ("zstd", "packed as zstd"),
        ("unpacked", "says that it is packed"),
        ("large", "larger than 2 MB"),
        ("binary", "no text"),
        ("missing", "status 404"),
    ],
)
def test_what_cannot_be_read_is_explained(site: Any, path: str, said: str):
    with pytest.raises(ToolError, match=said):
        fetch(site, path)


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_a_page_that_takes_too_long_is_given_up(site: Any, path: str):
    with pytest.raises(ToolError, match=r"within 0\.2 s"):
        fetch(site, path, within=0.2)


def test_a_server_that_is_not_there_is_explained():
    with pytest.raises(ToolError, match="cannot be read: ConnectError"):
        asyncio.run(fetching.Fetcher(exempt=frozenset({("127.0.0.1", 1)})).fetch("http://127.0.0.1:1/"))


@pytest.mark.parametrize(
    "path, text",
    [
        ("latin", "Grüße"),
        ("meta", "<meta charset='iso-8859-1'><p>Grüße"),
        ("odd", "Hello"),
        ("slowest", "Hello"),
        ("undefined", "Hello"),
        ("json", '{"a": 1}'),
        ("csv", "a,b"),
        ("gzip", "<p>Unpacked</p>"),
    ],
)
def test_text_is_read_in_the_encoding_that_it_has(site: Any, path: str, text: str):
    assert fetch(site, path).text == text


def test_a_page_becomes_markdown_without_what_is_not_its_text(site: Any):
    title, text = asyncio.run(reading.as_markdown(fetch(site, "page")))
    assert title == "A page"
    assert text.startswith("# Hello")
    assert "**words**" in text
    assert f"(http://127.0.0.1:{site.server_address[1]}/more)" in text
    assert not any(gone in text for gone in ("alert", "Menu", "tracker"))


def test_a_page_nested_without_end_is_read_as_plain_text():
    page = fetching.Page("https://example.com/", "text/html", "<div>" * 800 + "deep" + "</div>" * 800)
    assert asyncio.run(reading.as_markdown(page)) == ("", "deep")


INTRICATE = '<a href="' * 200_000  # hours, for Python's parser


def test_a_page_that_would_take_hours_to_parse_is_given_up_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "WITHIN", 1.0)

    async def read_and_count() -> int:
        page = fetching.Page("https://example.com/", "text/html", INTRICATE)
        task, beats = asyncio.ensure_future(reading.as_markdown(page)), 0
        while not task.done():
            await asyncio.sleep(0.05)
            beats += 1
        with pytest.raises(ToolError, match="too intricate"):
            await task
        return beats

    assert asyncio.run(read_and_count()) > 5


def test_stopping_ends_the_process_that_reads(monkeypatch: pytest.MonkeyPatch):
    started: list[Any] = []
    running = asyncio.Event()
    begin = asyncio.create_subprocess_exec

    async def noting(*command: Any, **options: Any) -> Any:
        started.append(await begin(*command, **options))
        running.set()
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noting)

    async def stopped() -> None:
        page = fetching.Page("https://example.com/", "text/html", INTRICATE)
        task = asyncio.ensure_future(reading.as_markdown(page))
        await running.wait()
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stopped())
    assert started[0].returncode is not None


class OfWebPage:
    url = ""

    @pytest.fixture(autouse=True)
    def _site(self, site: Any) -> None:
        type(self).url = f"http://127.0.0.1:{site.server_address[1]}/page"

    @property
    def tool_constructor(self) -> BaseTool:
        port = int(self.url.split("/")[2].partition(":")[2])
        return module("web_page").made(ToolContext(), fetching.Fetcher(exempt=frozenset({("127.0.0.1", port)})))

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"url": self.url}


class TestUnit(OfWebPage, ToolsUnitTests):
    @pytest.fixture
    def tool(self, _site: None) -> BaseTool:
        return self.tool_constructor


class TestIntegration(OfWebPage, ToolsIntegrationTests):
    @pytest.fixture
    def tool(self, _site: None) -> BaseTool:
        return self.tool_constructor
