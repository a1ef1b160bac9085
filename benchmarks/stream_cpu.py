"""CPU per chunk of a streamed answer, beside bare httpx and the SDKs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial

from benchmarks.peer_environment import PeerUnavailableError, python_with, version_of
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.rounds import medians
from benchmarks.scale import Scale

PEER, OURS, OWN_SDK = "httpx + json", "orchat", "openrouter SDK"
CLIENTS = (PEER, OURS, "orchat, async", "openai SDK")
OWN_SDK_REQUIREMENT = "openrouter>=1.3,<1.4"
HOW = "One chunk of about 300 bytes per write, as fast as the server can; CPU of the client's process only."
BAR = Bar(most=1.5, relative=True)
ROUNDS = {2_000: 11, 20_000: 3}


def measure(scale: Scale) -> Table:
    """Let every client stream the same answers from a server in a process of its own."""
    notes = [HOW]
    python = None
    try:
        python = python_with(OWN_SDK_REQUIREMENT)
        notes.append(f"{OWN_SDK} {version_of(python, 'openrouter')} in an environment of its own.")
    except PeerUnavailableError as reason:
        notes.append(f"{OWN_SDK} could not be measured: {reason}")
    rows = []
    with streaming(CLIENTS, {OWN_SDK: python} if python else {}) as clients:
        for chunks, rounds in ROUNDS.items():
            rows += compared(clients, scale.chunks(chunks), scale.rounds(rounds), {OURS: BAR})
    return Table("CPU per chunk of a streamed answer", rows, notes)


@contextmanager
def streaming(names: Iterable[str], elsewhere: Mapping[str, str]) -> Iterator[dict[str, Process]]:
    """Run clients that stream from one server, each in a process of its own; those `elsewhere` with another Python."""
    with ExitStack() as running:
        url = running.enter_context(Process(["-m", "benchmarks.chunk_server"])).line()
        commands = {name: Process(["-m", "benchmarks.stream_clients", name, url]) for name in names}
        script = "benchmarks/stream_clients.py"
        commands |= {name: Process([script, name, url], python=python) for name, python in elsewhere.items()}
        clients = {name: running.enter_context(client) for name, client in commands.items()}
        for client in clients.values():
            client.line()
        yield clients


def compared(clients: Mapping[str, Process], chunks: int, rounds: int, bars: Mapping[str, Bar]) -> list[Row]:
    """Return a row for each client, compared with bare httpx."""
    spent = medians(rounds, {name: partial(_per_chunk, client, chunks) for name, client in clients.items()})
    measure = f"{chunks:,} chunks"
    return [
        Row(measure, name, value, "µs", None if name == PEER else spent[PEER], bars.get(name))
        for name, value in spent.items()
    ]


def _per_chunk(client: Process, chunks: int) -> float:
    return float(client.ask(str(chunks))) / chunks * 1e6
