"""The proxy on its own: who talks to it is hostile, and gets to allowed hosts only."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from orchat.hosts import Host
from orchat.sandbox.egress import Egress, Handover
from orchat.sandbox.egress.egress import hosts_of
from orchat.sandbox.egress.proxy import Allowance, Proxy

WITHIN = 20.0
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class Server:
    """A host on loopback that tells what it was asked, and answers the same always."""

    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    asked: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError), caller:
            self.asked.append(caller.recv(1 << 16))
            caller.sendall(self.answer)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.socket.close()


Start = Callable[..., "Line"]


@dataclass
class Line:
    """A proxy, as an interpreter reaches it."""

    port: int
    looked_up: list[str]

    def ask(self, data: bytes, *, more: bytes = b"") -> bytes:
        """Everything that comes back for a request; `more` is sent when the first answer is there."""
        with socket.create_connection(("127.0.0.1", self.port), WITHIN) as line:
            line.sendall(data)
            if more:
                first = line.recv(1 << 16)
                line.sendall(more)
                return first + everything(line)
            return everything(line)


def everything(line: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := line.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a proxy; names have the addresses that are given, and no others."""
    stops = []

    def start(
        *hosts: str, internal: tuple[str, ...] = (), names: dict[str, list[str]] | None = None, **allowance: int
    ) -> Line:
        looked_up: list[str] = []

        async def resolve(name: str, port: int) -> list[str]:
            looked_up.append(f"{name}:{port}")
            if names is None or name not in names:
                raise OSError("no such name")
            return names[name]

        allowed = (*map(Host.parse, hosts), *(Host.parse(name, internal=True) for name in internal))
        proxy = Proxy(allowed, resolve=resolve, allowance=Allowance(**allowance))
        listener = socket.create_server(("127.0.0.1", 0))
        stops.append(proxy.serve(listener))
        return Line(listener.getsockname()[1], looked_up)

    yield start
    for stop in stops:
        stop()


def to(server: Server, start: Start, **options: int) -> Line:
    return start(internal=(f"inside.test:{server.port}",), names={"inside.test": ["127.0.0.1"]}, **options)


def test_a_tunnel_goes_to_an_allowed_host(server: Server, start: Start):
    line = to(server, start)
    said = line.ask(b"CONNECT inside.test:%d HTTP/1.1\r\nHost: x\r\n\r\n" % server.port, more=b"anything at all")
    assert said == ESTABLISHED + server.answer
    assert server.asked == [b"anything at all"]


def test_what_is_sent_together_with_the_wish_for_a_tunnel_arrives(server: Server, start: Start):
    line = to(server, start)
    assert line.ask(b"CONNECT inside.test:%d HTTP/1.1\r\nHost: x\r\n\r\nearly" % server.port).endswith(b"hello")
    assert server.asked == [b"early"]


def test_a_plain_request_becomes_one_for_the_server(server: Server, start: Start):
    line = to(server, start)
    said = line.ask(
        b"POST http://inside.test:%d/a/b?c=d HTTP/1.1\r\nHost: other.test\r\nProxy-Authorization: Basic eDp5\r\n"
        b"Proxy-Connection: keep-alive\r\nX-Own: 1\r\nContent-Length: 4\r\n\r\nbody" % server.port
    )
    assert said == server.answer
    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    assert body == b"body"
    assert head.split(b"\r\n")[0] == b"POST /a/b?c=d HTTP/1.1"
    assert b"Host: inside.test:%d" % server.port in head
    assert b"X-Own: 1" in head
    for gone in (b"other.test", b"Proxy-", b"keep-alive"):
        assert gone not in head


def test_a_large_answer_comes_whole(server: Server, start: Start):
    server.answer = b"x" * 5_000_000
    said = to(server, start).ask(b"GET http://inside.test:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % server.port)
    assert said == server.answer


@pytest.mark.parametrize(
    "name",
    [
        *(
            "evil.test",
            "notallowed.test",
            "allowed.test.evil.test",
            "127.0.0.1",
            "localhost",
            "[::1]",
            "2130706433",
            "0x7f.1",
        ),
        *("169.254.169.254", "metadata.google.internal", "allowed.test@evil.test", "xallowed.test"),
    ],
)
def test_other_hosts_are_refused_and_not_even_looked_up(name: str, start: Start):
    line = start("allowed.test", names={"allowed.test": ["127.0.0.1"]})
    for request in (
        f"CONNECT {name}:443 HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
        f"GET http://{name}/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
    ):
        said = line.ask(request.encode())
        assert said.startswith((b"HTTP/1.1 403 Forbidden: this host is not among", b"HTTP/1.1 400 "))
    assert line.looked_up == []


def test_other_ports_of_an_allowed_host_are_refused(start: Start):
    line = start("allowed.test", names={"allowed.test": ["127.0.0.1"]})
    assert b" 403 " in line.ask(b"CONNECT allowed.test:22 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert line.looked_up == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["93.184.215.14", "192.168.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        [],
    ],
)
def test_an_allowed_name_with_an_inside_address_is_refused(addresses: list[str], start: Start):
    line = start("allowed.test", names={"allowed.test": addresses})
    assert b"not on the public internet" in line.ask(b"CONNECT allowed.test:443 HTTP/1.1\r\nHost: x\r\n\r\n")


def test_an_internal_host_is_no_way_to_the_metadata_of_a_cloud(start: Start):
    line = start(internal=("inside.test",), names={"inside.test": ["169.254.169.254"]})
    assert b" 403 " in line.ask(b"GET http://inside.test/latest/meta-data/ HTTP/1.1\r\nHost: x\r\n\r\n")


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(server: Server, start: Start):
    """A name that has another address at the second look (DNS rebinding) is looked up once."""
    line = to(server, start)
    line.ask(b"GET http://inside.test:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % server.port)
    assert line.looked_up == [f"inside.test:{server.port}"]


def test_the_next_address_is_tried_where_one_does_not_answer(server: Server, start: Start):
    line = start(internal=(f"inside.test:{server.port}",), names={"inside.test": ["::1", "127.0.0.1"]})
    assert line.ask(b"GET http://inside.test:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % server.port) == server.answer


def test_a_host_that_does_not_answer_is_told_as_such(start: Start):
    line = start("allowed.test")
    assert b" 502 Bad Gateway: this host cannot be reached" in line.ask(
        b"CONNECT allowed.test:443 HTTP/1.1\r\nHost: x\r\n\r\n"
    )


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
        b"GET https://allowed.test/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET ftp://allowed.test/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http:///path HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
        b"GET http://allowed.test:99999/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT allowed.test HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT allowed.test:443\0evil.test HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT allowed\xff.test:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://allowed.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET http://allowed.test/ HTTP/1.1\r\nHost: x\r\nBad\x01Name: 1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"GET http://allowed.test/ HTTP/1.1\r\nX: " + b"a" * 200_000,
    ],
)
def test_what_is_no_request_for_a_proxy_gets_an_error_and_nothing_is_looked_up(request_: bytes, start: Start):
    line = start("allowed.test", names={"allowed.test": ["127.0.0.1"]})
    said = line.ask(request_)
    assert said.startswith(b"HTTP/1.1 400 ") or said == b""
    assert line.looked_up == []


def test_who_says_nothing_is_no_trouble_to_others(server: Server, start: Start):
    line = to(server, start, at_once=2)
    with socket.create_connection(("127.0.0.1", line.port)):
        assert line.ask(b"GET http://inside.test:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % server.port) == server.answer


def test_connections_beyond_the_allowance_wait(server: Server, start: Start):
    line = to(server, start, at_once=1)
    with socket.create_connection(("127.0.0.1", line.port)):
        waiting = socket.create_connection(("127.0.0.1", line.port), 0.5)
        waiting.sendall(b"GET http://inside.test:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % server.port)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
    with waiting:
        waiting.settimeout(WITHIN)
        assert waiting.recv(15) == b"HTTP/1.1 200 OK"


def test_a_session_moves_no_more_bytes_than_it_may(server: Server, start: Start):
    server.answer = b"x" * 1_000_000
    line = to(server, start, size=300_000)
    request = b"GET http://inside.test:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % server.port
    assert len(line.ask(request)) < 400_000
    assert b" 429 Too Many Requests: this session has moved as much as it may" in line.ask(request)


def test_a_proxy_that_is_stopped_closes_its_port(start: Start):
    proxy = Proxy(())
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    stop = proxy.serve(listener)
    assert b" 403 " in Line(port, []).ask(b"CONNECT a.test:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    stop()
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            break
        time.sleep(0.01)
    else:
        pytest.fail("the port is still open")


def test_nothing_of_what_is_asked_for_is_logged(start: Start, caplog: pytest.LogCaptureFixture):
    caplog.set_level(0)
    start("allowed.test").ask(b"CONNECT my-secret-words.evil.test:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert "my-secret-words" not in caplog.text


def test_only_a_listening_socket_on_loopback_is_taken_over():
    good = Handover()
    with socket.socket(fileno=good.descriptor) as theirs, socket.create_server(("127.0.0.1", 0)) as port:
        socket.send_fds(theirs, [b"!"], [port.fileno()])
    with good.take() as taken:
        assert not taken.get_inheritable()
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        bad = Handover()
        with socket.socket(fileno=bad.descriptor) as theirs, socket.socket(socket.AF_INET, kind) as other:
            socket.send_fds(theirs, [b"!"], [other.fileno()])
        with pytest.raises(OSError, match="what is no port"):
            bad.take()
    none = Handover()
    socket.socket(fileno=none.descriptor).close()
    with pytest.raises(OSError, match="handed over no port"):
        none.take()


def test_the_host_of_an_index_may_be_reached():
    assert hosts_of("") == ()
    assert hosts_of("https://packages.example/simple") == (Host("packages.example", (443,)),)
    assert hosts_of("http://devpi:3141/main/+simple/") == (Host("devpi", (3141,)),)


def test_what_may_be_reached_is_said_in_words():
    hosts = (Host.parse("example.org"), Host.parse("*.example.com"))
    assert Egress(hosts).described() == "example.org, *.example.com"
    assert (
        Egress(hosts, "https://packages.example/simple").described()
        == "example.org, *.example.com and packages of packages.example"
    )
    assert Egress((), "https://packages.example/simple").described() == "packages of packages.example"


def test_names_of_this_machine_are_resolved():
    from orchat.hosts import resolve

    assert set(asyncio.run(resolve("localhost", 80))) & {"127.0.0.1", "::1"}
    with pytest.raises(OSError):  # noqa: PT011 - it has no text of ours
        asyncio.run(resolve("no-such-host.invalid", 80))
