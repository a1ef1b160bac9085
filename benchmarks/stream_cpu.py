"""CPU per chunk of a streamed answer, beside bare httpx and the SDKs."""

from contextlib import ExitStack
from functools import partial

from benchmarks.peer_environment import PeerUnavailableError, python_with, version_of
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.rounds import medians
from benchmarks.scale import Scale

PEER, OURS, OWN_SDK = "httpx + json", "orchat", "openrouter SDK"
CLIENTS = (PEER, OURS, "orchat, async", "openai SDK")
OWN_SDK_REQUIREMENT = "openrouter>=1.3,<1.4"
BAR = Bar(most=1.5, relative=True)
ROUNDS = {2_000: 11, 20_000: 3}


def measure(scale: Scale) -> Table:
    """Let every client stream the same answers from a server in a process of its own."""
    with ExitStack() as running:
        server = running.enter_context(Process(["-m", "benchmarks.chunk_server"]))
        url = server.line()
        clients = {
            name: running.enter_context(Process(["-m", "benchmarks.stream_clients", name, url])) for name in CLIENTS
        }
        notes = ["One chunk of about 300 bytes per write, as fast as the server can; CPU of the client's process only."]
        try:
            python = python_with(OWN_SDK_REQUIREMENT)
            own_sdk = Process(["benchmarks/stream_clients.py", OWN_SDK, url], python=python)
            clients[OWN_SDK] = running.enter_context(own_sdk)
            notes.append(f"{OWN_SDK} {version_of(python, 'openrouter')} in an environment of its own.")
        except PeerUnavailableError as reason:
            notes.append(f"{OWN_SDK} could not be measured: {reason}")
        for client in clients.values():
            client.line()
        rows = []
        for chunks, rounds in ROUNDS.items():
            rows += _rows(clients, scale.chunks(chunks), scale.rounds(rounds))
    return Table("CPU per chunk of a streamed answer", rows, notes)


def _rows(clients: dict[str, Process], chunks: int, rounds: int) -> list[Row]:
    spent = medians(rounds, {name: partial(_per_chunk, client, chunks) for name, client in clients.items()})
    return [
        Row(
            f"{chunks:,} chunks",
            name,
            value,
            "µs",
            None if name == PEER else spent[PEER],
            BAR if name == OURS else None,
        )
        for name, value in spent.items()
    ]


def _per_chunk(client: Process, chunks: int) -> float:
    return float(client.ask(str(chunks))) / chunks * 1e6
