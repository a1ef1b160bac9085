"""Many people at once: how old a token is when a browser gets it, beside the page that every tutorial shows."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks import app
from benchmarks.app import App
from benchmarks.page_client import RERUN
from benchmarks.peer_environment import PeerUnavailableError, packages_with
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.scale import Scale
from tests.store.postgresql import installed_programs

PEOPLE, TOKENS, PER_SECOND = 100, 500, 50
OPENING, SPREAD, BURST = 10.0, 10.0, 1.0
"""Seconds over which tabs are opened, and over which prompts are sent: as in life, and all at once."""
IDLE_EVERY = 0.5
DEAD_AFTER = 30.0
"""Seconds without a message after which a tab counts as dead."""
STAMP = re.compile(r"\d+\.\d{6}")
OURS, NAIVE = "orchat", "naive page"
QUEUED = "orchat, half of them at once"
TOGETHER, SHARED = "two processes", "two on one PostgreSQL"
Serve = Callable[[], AbstractContextManager[Sequence[App]]]


@dataclass
class Tab:
    """One tab, and how old each token was that came to it, in seconds."""

    port: int
    person: str = "nobody"
    ages: list[float] = field(default_factory=list)
    waited: float = DEAD_AFTER
    """Seconds from the question to the first token."""
    chat_input: str = ""
    query: str = ""
    page: str = ""
    _newest: float = 0.0

    async def open(self) -> None:
        """Open the page and wait until it is at rest."""
        protocols = [Subprotocol("streamlit")]
        url = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        self._socket: ClientConnection = await connect(
            url,
            subprotocols=protocols,
            additional_headers={app.PERSON: self.person},
            max_size=None,
            compression=None,
        )
        await self.rerun()

    async def rerun(self, *changed: WidgetState) -> float:
        """Run the script until it is at rest; return the seconds that it took."""
        began = time.monotonic()
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.widget_states.widgets.extend(changed)
        await self._socket.send(message.SerializeToString())
        while not self._take(ForwardMsg.FromString(await self._next())):
            pass
        return time.monotonic() - began

    async def say(self, text: str, tokens: int) -> None:
        """Send a question and read until all tokens of the answer have come, or the tab is dead."""
        message = WidgetState(id=self.chat_input)
        message.chat_input_value.data = text
        self._asked = time.monotonic()
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            await self.rerun(message)
            while len(self.ages) < tokens:
                self._take(ForwardMsg.FromString(await self._next()))

    async def close(self) -> None:
        """Close the tab."""
        await self._socket.close()

    async def _next(self) -> bytes:
        async with asyncio.timeout(DEAD_AFTER):
            frame = await self._socket.recv()
        assert isinstance(frame, bytes)
        return frame

    def _take(self, message: ForwardMsg) -> bool:
        """Take a message; return whether the script has ended."""
        kind = message.WhichOneof("type")
        if kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "markdown":
                self._note(element.markdown.body)
            elif element.WhichOneof("type") == "chat_input":
                self.chat_input = element.chat_input.id
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "new_session":
            self.page = message.new_session.page_script_hash
        return kind == "script_finished" and message.script_finished != RERUN

    def _note(self, text: str) -> None:
        now = time.monotonic()
        for stamp in map(float, STAMP.findall(text)):
            if stamp > self._newest:
                if not self.ages:
                    self.waited = now - self._asked
                self.ages.append(now - stamp)
                self._newest = stamp


@dataclass(frozen=True, slots=True)
class Load:
    """What one round has shown, in seconds: ages of tokens, waits for the first ones, reruns of an idle tab."""

    ages: list[float]
    firsts: list[float]
    reruns: list[float]
    complete: float
    """The share of tokens that came."""
    cpu: float
    memory: float
    """Megabytes more for each tab than before, when a tenth as many people had asked and everything was loaded."""


def measure(scale: Scale) -> Table:
    """Let many people stream at once, first spread and then in a burst, on one page and then on the other."""
    people = 3 if scale.tiny else PEOPLE // 4 if scale.quick else PEOPLE
    tokens = 20 if scale.tiny else TOKENS
    opening = 0.1 if scale.tiny else OPENING
    loop, loop_note = ([], "Python's own event loop.") if scale.tiny else _loop_of_the_image()
    more = {"PYTHONPATH": loop[0]} if loop else {}
    with Process(["-m", "benchmarks.upstream"]) as upstream:
        base_url = upstream.line()
        pages: dict[str, Serve] = {
            OURS: lambda: app.alone(app.hosted(base_url, **more)),
            NAIVE: lambda: app.alone(app.naive(base_url, *loop)),
        }
        spread, burst = (
            {name: asyncio.run(_round(serve, people, tokens, opening, within)) for name, serve in pages.items()}
            for within in (opening, min(opening, BURST))
        )
        both = {TOGETHER: lambda: app.two(base_url, **more)}
        if programs := installed_programs():
            both[SHARED] = lambda: app.two_replicas(base_url, programs, **more)
        twice = {
            name: asyncio.run(_round(serve, 2 * people, tokens, 2 * opening, opening)) for name, serve in both.items()
        }
        half = {"ORCHAT_RUNS_AT_ONCE": str(max(people // 2, 1)), **more}
        queued = asyncio.run(
            _round(lambda: app.alone(app.hosted(base_url, **half)), people, tokens // 5, opening, min(opening, BURST))
        )
    rows = [*_rows(spread, people, "spread"), *_burst(burst, people), *_queued(queued), *_twice(twice, people)]
    note = (
        f"{people} people, {tokens} tokens each at {PER_SECOND} a second; the client runs on the same processor. "
        "orchat as it is hosted: `deploy/asgi.py`, everybody named by a proxy, answers kept, costs in the books. "
        + loop_note
    )
    both_note = (
        f"Twice as many: {2 * people} people on two processes, each with a database file of its own, or as replicas "
        "with one PostgreSQL, which runs beside them."
    )
    queue_note = "Beyond the limit: answers of a fifth of the length, of which half may run at once; the others wait."
    return Table("Many people at once", rows, [note, queue_note, both_note])


def _loop_of_the_image() -> tuple[list[str], str]:
    """Return the folder of the packages that the image has beside ours, and what to say of it."""
    try:
        return [packages_with("uvloop>=0.21,<1", "httptools>=0.6.4,<1")], "Both pages on uvloop, as in the image."
    except PeerUnavailableError as error:
        return [], f"Both without uvloop, which the image has: {error}"


async def _round(serve: Serve, people: int, tokens: int, opening: float, within: float) -> Load:
    with serve() as servers:
        idle = Tab(servers[0].port)
        await idle.open()
        await asyncio.sleep(min(opening, app.SETTLING))
        # What a process loads and sets up for its first people belongs to no tab.
        first = [idle, *(Tab(servers[number % len(servers)].port, f"first-{number}") for number in range(people // 10))]
        await asyncio.gather(*(tab.open() for tab in first[1:]))
        await asyncio.gather(*(tab.say(f"clock {tokens // 10} {PER_SECOND}", tokens // 10) for tab in first))
        empty = _memory(servers)
        tabs = [Tab(servers[number % len(servers)].port, f"person-{number}") for number in range(people)]
        await asyncio.gather(*(_after(number * opening / people, tab.open) for number, tab in enumerate(tabs)))
        began, spent = time.monotonic(), _cpu(servers)
        reruns: list[float] = []
        watcher = asyncio.ensure_future(_idle(idle, reruns))
        question = f"clock {tokens} {PER_SECOND}"
        await asyncio.gather(
            *(
                _after(number * within / people, lambda tab=tab: tab.say(question, tokens))  # type: ignore[misc]
                for number, tab in enumerate(tabs)
            )
        )
        spent, lasted = _cpu(servers) - spent, time.monotonic() - began
        memory = (_memory(servers) - empty) / people
        watcher.cancel()
        await asyncio.gather(*(tab.close() for tab in (*tabs, *first)))
    ages = [age for tab in tabs for age in tab.ages]
    missing = people * tokens - len(ages)
    # What never came is older than anything that did.
    ages += [max([DEAD_AFTER, *ages])] * missing
    complete = 1 - missing / (people * tokens)
    return Load(ages, [tab.waited for tab in tabs], reruns or [DEAD_AFTER], complete, spent / lasted, memory)


async def _after(seconds: float, work: Callable[[], "asyncio.Future[None]"]) -> None:
    await asyncio.sleep(seconds)
    await work()


async def _idle(tab: Tab, reruns: list[float]) -> None:
    with contextlib.suppress(TimeoutError, ConnectionClosed):
        while True:
            reruns.append(await tab.rerun())
            await asyncio.sleep(IDLE_EVERY)


def _rows(loads: dict[str, Load], people: int, how: str) -> Iterator[Row]:
    bars = {"tokens": Bar(most=300), "rerun": Bar(most=200), "memory": Bar(most=0.3)} if people == PEOPLE else {}
    for name, load in loads.items():
        peer = None if name == NAIVE else loads[NAIVE]
        ours = bars if name == OURS else {}
        older = _worst(peer.ages) if peer else None
        yield Row(f"token age, p99, {how}", name, _worst(load.ages), "ms", older, ours.get("tokens"))
        slower = _worst(peer.reruns) if peer else None
        yield Row("rerun of an idle tab, p99", name, _worst(load.reruns), "ms", slower, ours.get("rerun"))
        longer = _worst(peer.firsts) if peer else None
        yield Row("question to first token, p99, spread", name, _worst(load.firsts), "ms", longer)
        yield Row("tokens that came", name, load.complete * 100, "%", peer.complete * 100 if peer else None)
        yield Row("CPU of one core", name, load.cpu * 100, "%", peer.cpu * 100 if peer else None)
        yield Row("memory of a tab", name, load.memory, "MB", peer.memory if peer else None, ours.get("memory"))


def _burst(loads: dict[str, Load], people: int) -> Iterator[Row]:
    for name, load in loads.items():
        older = _worst(loads[NAIVE].ages) if name == OURS else None
        bar = Bar(most=0.5, relative=True) if name == OURS else None
        yield Row("token age, p99, all prompts within 1 s", name, _worst(load.ages), "ms", older, bar)
        longer = _worst(loads[NAIVE].firsts) if name == OURS else None
        soon = Bar(most=4000) if name == OURS and people == PEOPLE else None
        yield Row("question to first token, p99, all within 1 s", name, _worst(load.firsts), "ms", longer, soon)


def _queued(load: Load) -> Iterator[Row]:
    yield Row("tokens that came, beyond the limit", QUEUED, load.complete * 100, "%", bar=Bar(least=100))
    yield Row("question to first token, p99, beyond the limit", QUEUED, _worst(load.firsts), "ms")


def _twice(loads: dict[str, Load], people: int) -> Iterator[Row]:
    for name, load in loads.items():
        bar = Bar(most=500) if people == PEOPLE else None
        yield Row("token age, p99, twice as many", name, _worst(load.ages), "ms", bar=bar)
        yield Row("question to first token, p99, twice as many", name, _worst(load.firsts), "ms")


def _worst(seconds: list[float]) -> float:
    """The 99th percentile in milliseconds; without any value, as long as it takes until a tab counts as dead."""
    ordered = sorted(seconds)
    return (ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else DEAD_AFTER) * 1000


def _cpu(servers: Sequence[App]) -> float:
    return sum(server.process.cpu() for server in servers)


def _memory(servers: Sequence[App]) -> float:
    total = 0
    for server in servers:
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        assert found
        total += int(found[1])
    return total / 1024
