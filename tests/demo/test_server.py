import gc
import os
import select
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from orchat.demo import DemoServer
from orchat.demo.__main__ import main
from orchat.demo.recording import LARGEST_BODY
from tests.demo.conftest import Client

STALLS = {"model": "demo/stalls", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}


def test_starting_takes_next_to_no_time():
    started = time.perf_counter()
    with DemoServer() as demo:
        assert time.perf_counter() - started < 0.3
        assert httpx.get(f"{demo.base_url}/models").status_code == 200


def test_stopping_ends_open_streams_within_a_second(capfd: pytest.CaptureFixture[str]):
    demo = DemoServer(speed=0).start()
    with Client(demo) as client, client.stream("POST", "/chat/completions", json=STALLS) as response:
        lines = response.iter_lines()
        next(lines)
        started = time.perf_counter()
        demo.stop()
        assert time.perf_counter() - started < 1
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
    demo.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(demo.base_url)
    assert capfd.readouterr().err == ""


def test_a_taken_port_is_an_error_of_the_caller(capsys: pytest.CaptureFixture[str]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="already in use"):
            DemoServer(port).start()
        assert main(["--port", str(port)]) == 1
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use" in capsys.readouterr().err


def test_a_demo_starts_only_once():
    with DemoServer() as demo, pytest.raises(RuntimeError, match="make a new DemoServer"):
        demo.start()


def test_a_negative_speed_is_refused():
    with pytest.raises(ValueError, match="give 0 for no pauses"):
        DemoServer(speed=-1)


def test_requests_are_recorded_without_showing_the_key(client: Client, demo: DemoServer):
    client.get("/models?zdr=true")
    client.ask("demo/fast", "Remember this")
    listing, chat = demo.requests[-2:]
    assert (listing.method, listing.path, listing.query) == ("GET", "/api/v1/models", "zdr=true")
    assert chat.body["messages"][0]["content"] == "Remember this"
    assert chat.headers["authorization"] == f"Bearer {demo.api_key}"
    assert demo.api_key not in repr(chat)
    assert chat.ended_at is not None
    assert chat.ended_at >= chat.started_at
    assert chat.closed_early is False


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_early_is_noticed_at_once(client: Client, demo: DemoServer, stream: bool):
    if stream:
        with client.stream("POST", "/chat/completions", json=STALLS) as response:
            next(response.iter_lines())
    else:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/chat/completions", json={**STALLS, "stream": False}, timeout=0.2)
    left = time.monotonic()
    record = demo.requests[-1]
    while record.ended_at is None and time.monotonic() < left + 1:
        time.sleep(0.005)
    assert record.closed_early is True
    assert record.ended_at == pytest.approx(left, abs=0.2)


def test_large_bodies_are_answered_but_not_kept(client: Client, demo: DemoServer):
    assert client.ask("openai/gpt-4.1", "x" * LARGEST_BODY).status_code == 200
    assert demo.requests[-1].body is None


def test_an_answer_at_natural_speed_takes_its_time():
    with DemoServer(speed=4) as demo, Client(demo) as client:
        started = time.perf_counter()
        usage = client.answer("openai/gpt-4.1", "My cat is orange")["usage"]
        took = time.perf_counter() - started
    assert usage["completion_tokens"] / 400 < took < usage["completion_tokens"] / 240 + 0.6


def test_the_command_tells_how_to_use_it_and_ends_on_ctrl_c():
    command = [sys.executable, "-m", "orchat.demo", "--port", "0", "--speed", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        first, key = process.stdout.readline(), process.stdout.readline()
        assert "every reply is simulated" in first
        assert key == f"Key: {DemoServer.api_key}\n"
        base_url = first.split()[-1]
        assert httpx.get(f"{base_url}/models").status_code == 200
        os.kill(process.pid, signal.SIGINT)
        how_to, errors = process.stdout.read(), process.stderr.read()
    assert process.returncode == 0
    assert how_to.startswith("\ncurl -N http://127.0.0.1:")
    assert how_to.endswith("Stopped.\n")
    assert errors == ""


def test_a_program_that_forgets_to_stop_it_still_ends():
    program = (
        "import httpx; from orchat.demo import DemoServer; demo = DemoServer().start();"
        "s = httpx.Client(headers={'Authorization': 'Bearer ' + demo.api_key}, timeout=5)"
        ".send(httpx.Request('POST', demo.base_url + '/chat/completions', headers={'Authorization': 'Bearer '"
        " + demo.api_key}, json={'model': 'demo/silent', 'stream': True,"
        " 'messages': [{'role': 'user', 'content': 'x'}]}), stream=True); print(s.status_code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (0, "200\n")


def test_a_server_that_stops_lets_go_of_a_client_that_reads_nothing():
    server = DemoServer().start()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        client.connect(("127.0.0.1", httpx.URL(server.base_url).port))
        request = f"GET /api/v1/models HTTP/1.1\r\nHost: demo\r\nAuthorization: Bearer {server.api_key}\r\n\r\n"
        client.sendall(request.encode() * 50)
        assert select.select([client], [], [], 10)[0]
        server.stop()
        del server
        # A connection that is still open and that nobody knows any more is a warning, and warnings are errors.
        gc.collect()
