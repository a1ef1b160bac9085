"""CPU of a script rerun: an empty script, with and without what is alive being frozen, and the chat page."""

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
from benchmarks.rounds import medians
from benchmarks.scale import Scale
from benchmarks.upstream import MODELS, text
from orchat.store import Store
from orchat.store.records import Role

MESSAGES = 20
ANSWER_LENGTH = 2_000
RERUNS = 25
"""Reruns per reading: the CPU clock of another process ticks every 10 ms."""
ROUNDS = 5
EMPTY, FROZEN, CHAT = "empty script", "empty script, gc.freeze()", "chat page"
BARS = {FROZEN: Bar(most=5), CHAT: Bar(most=60)}


def measure(scale: Scale) -> Table:
    """Rerun each page over the websocket of a tab, one page at a time."""
    with ExitStack() as running:
        upstream = running.enter_context(Process(["-m", "benchmarks.upstream"]))
        folder = running.enter_context(tempfile.TemporaryDirectory())
        conversation = stored_conversation(Path(folder))
        servers = {
            EMPTY: running.enter_context(app.serving(app.PAGES / "empty.py")),
            FROZEN: running.enter_context(app.serving(app.PAGES / "frozen.py")),
            CHAT: running.enter_context(app.orchat(upstream.line(), folder)),
        }
        tabs = {name: running.enter_context(Tab(server.port)) for name, server in servers.items()}
        tabs[CHAT].query = f"chat={conversation}"
        for tab in tabs.values():
            tab.rerun()
        time.sleep(app.SETTLING)
        reruns = 2 if scale.tiny else RERUNS
        subjects = {name: partial(cpu_per_rerun, servers[name], tab, reruns) for name, tab in tabs.items()}
        spent = medians(scale.rounds(ROUNDS), subjects)
        sent = tabs[CHAT].rerun().bytes
    rows = [
        Row("CPU of a rerun", name, value, "ms", None if name == EMPTY else spent[EMPTY], BARS.get(name))
        for name, value in spent.items()
    ]
    note = f"The chat page shows {MESSAGES} messages and offers {MODELS} models; a rerun sends {sent / 1000:.0f} kB."
    return Table("Reruns", rows, [note])


def stored_conversation(folder: Path, messages: int = MESSAGES) -> str:
    """Store a chat of so many questions and answers in a data folder and return its id."""
    with Store.open(f"sqlite:///{folder / 'orchat.db'}") as store:
        conversation = store.create_conversation("local", settings={"model": app.MODEL, "auto": False, "zdr": False})
        leaf = None
        role: Role
        for number in range(messages):
            role = "assistant" if number % 2 else "user"
            content = text("prose", ANSWER_LENGTH) if number % 2 else f"Question {number // 2 + 1}"
            wire = {"role": role, "content": content}
            leaf = store.add_message("local", conversation.id, role=role, wire=wire, parent_id=leaf).id
        return conversation.id


def cpu_per_rerun(server: App, tab: Tab, reruns: int) -> float:
    """Milliseconds of the server's CPU."""
    before = server.process.cpu()
    for _ in range(reruns):
        tab.rerun()
    return (server.process.cpu() - before) / reruns * 1000
