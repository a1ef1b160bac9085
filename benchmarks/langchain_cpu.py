"""CPU per chunk of ChatOpenRouter and of an agent with it, beside bare httpx, ChatOpenAI and langchain-openrouter."""

from benchmarks.peer_environment import PeerUnavailableError, python_with, version_of
from benchmarks.report import Bar, Table
from benchmarks.scale import Scale
from benchmarks.stream_cpu import HOW, PEER, compared, streaming

MODEL, AGENT = Bar(most=2.6, relative=True), Bar(most=4.2, relative=True)
BARS = {"ChatOpenRouter": MODEL, "ChatOpenRouter, async": MODEL, "agent, ChatOpenRouter": AGENT}
CLIENTS = (PEER, *BARS, "ChatOpenAI", "ChatOpenAI, async", "agent, ChatOpenAI")
OFFICIAL = "langchain-openrouter"
OFFICIAL_CLIENTS = (OFFICIAL, f"{OFFICIAL}, async", f"agent, {OFFICIAL}")
REQUIREMENTS = ("langchain-openrouter>=0.2,<0.3", "langchain>=1.4.7,<2")
CHUNKS, ROUNDS = 2_000, 11


def measure(scale: Scale) -> Table:
    """Let every model stream the same answer from a server in a process of its own."""
    notes = [HOW]
    elsewhere: dict[str, str] = {}
    try:
        python = python_with(*REQUIREMENTS)
        elsewhere = dict.fromkeys(OFFICIAL_CLIENTS, python)
        notes.append(f"{OFFICIAL} {version_of(python, OFFICIAL)} in an environment of its own.")
    except PeerUnavailableError as reason:
        notes.append(f"{OFFICIAL} could not be measured: {reason}")
    with streaming(CLIENTS, elsewhere) as clients:
        rows = compared(clients, scale.chunks(CHUNKS), scale.rounds(ROUNDS), BARS)
    return Table("CPU per chunk through LangChain", rows, notes)
