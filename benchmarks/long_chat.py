"""A chat of 1,000 messages: how long it takes to open it, and what its reruns cost."""

import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks import app
from benchmarks.app import App
from benchmarks.page_client import Tab
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.reruns import ANSWER_LENGTH, RERUNS, ROUNDS, cpu_per_rerun, stored_conversation
from benchmarks.rounds import medians
from benchmarks.scale import Scale

SHORT, LONG = 20, 1_000
OPENED_WITHIN, RERUN = Bar(most=1.0), Bar(most=100)


def measure(scale: Scale) -> Table:
    """Open a short and a long chat in new tabs by turns, and rerun the page of each."""
    lengths = {f"{number:,} messages": number for number in (SHORT, 60 if scale.tiny else LONG)}
    short, long = lengths
    with ExitStack() as running:
        upstream = running.enter_context(Process(["-m", "benchmarks.upstream"]))
        folder = running.enter_context(tempfile.TemporaryDirectory())
        chats = {name: stored_conversation(Path(folder), number) for name, number in lengths.items()}
        server = running.enter_context(app.orchat(upstream.line(), folder))
        tabs = {name: running.enter_context(_opened(server, chat)) for name, chat in chats.items()}
        time.sleep(app.SETTLING)
        opened = medians(
            scale.rounds(ROUNDS), {name: partial(_seconds_to_open, server, chat) for name, chat in chats.items()}
        )
        reruns = 2 if scale.tiny else RERUNS
        spent = medians(
            scale.rounds(ROUNDS), {name: partial(cpu_per_rerun, server, tab, reruns) for name, tab in tabs.items()}
        )
    rows = [
        Row("time to open it in a new tab", short, opened[short], "s", None),
        Row("time to open it in a new tab", long, opened[long], "s", opened[short], OPENED_WITHIN),
        Row("CPU of a rerun", short, spent[short], "ms", None),
        Row("CPU of a rerun", long, spent[long], "ms", spent[short], RERUN),
    ]
    note = f"Answers of {ANSWER_LENGTH:,} characters. The last part is drawn; the time is that of the whole page."
    return Table("A long chat", rows, [note])


def _opened(server: App, chat: str) -> Tab:
    return Tab(server.port, query=f"chat={chat}")


def _seconds_to_open(server: App, chat: str) -> float:
    with _opened(server, chat) as tab:
        return tab.rerun().seconds
