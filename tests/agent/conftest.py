"""An agent at work: the embedded OpenRouter's scripted model, a folder of tools, a store."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchat.agent.approvals import remember
from orchat.agent.ask import AgentAsk, Decision
from orchat.agent.toolbox import Toolbox
from orchat.agent.turn import AgentTurn, Workplace
from orchat.demo import DemoServer
from orchat.openrouter import AsyncOpenRouterClient, Catalogue, OpenRouterClient
from orchat.runs import Run, Runs
from orchat.store import Message, Store
from orchat.turn import say

OWNER = "ann"
SCRIPT = "demo/script"

TOOLS = '''
"""Tools for tests."""
import asyncio, threading, time
from langchain_core.tools import tool
from orchat import Artifact, ToolError

PLUGIN = {"approval": "auto", "timeout": 2}
stopped = threading.Event()


def get_tools(ctx):
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    def fail() -> str:
        """Fail."""
        raise RuntimeError("the disk is on fire")

    def refuse() -> str:
        """Refuse."""
        raise ToolError("Not on a Monday.")

    def hang() -> str:
        """Hang."""
        time.sleep(60)

    def linger() -> str:
        """Go on writing when it has been given up."""
        for _ in range(40):
            time.sleep(0.1)
            ctx.output("still here ")

    async def wait() -> str:
        """Wait until it is stopped."""
        ctx.progress("waiting", 0.5)
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    def shout() -> str:
        """Return very much."""
        return "a" * 30_000 + "the end"

    def whoami() -> str:
        """Say what the context knows."""
        return f"{ctx.owner} {bool(ctx.conversation_id)} {ctx.zdr} {len(ctx.catalogue()) > 100}"

    @tool(response_format="content_and_artifact")
    def draw() -> tuple[str, Artifact]:
        """Draw."""
        return "drawn", Artifact.table([{"a": 1}])

    async def ponder() -> str:
        """Ask a model."""
        return (await ctx.chat_model("demo/fast").ainvoke("Hello")).text[:20]

    def brood() -> str:
        """Ask the person's model, in a thread."""
        return ctx.chat_model().invoke("say Heavy.").text

    def book(city: str) -> str:
        """Book a table."""
        return f"booked in {city}"

    risky = tool(book)
    risky.metadata = {"approval": "ask"}
    return [add, fail, refuse, hang, linger, wait, shout, whoami, draw, ponder, brood, risky]
'''
NAMES = ("add", "fail", "refuse", "hang", "linger", "wait", "shout", "whoami", "draw", "ponder", "brood", "book")


@dataclass
class Workshop:
    """One conversation after the other."""

    store: Store
    runs: Runs
    toolbox: Toolbox
    client: AsyncOpenRouterClient
    demo: DemoServer
    catalogue: Catalogue
    chat: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Workplace:
        return Workplace(self.store, self.toolbox, self.client, lambda: self.catalogue, simulated=True)

    def start(self, script: str, **options: Any) -> Run:
        leaf = self.store.conversation(OWNER, self.chat).leaf_id
        question = say(self.store, OWNER, self.chat, textwrap.dedent(script).strip(), leaf)
        return self.runs.start(AgentTurn(self.place, OWNER, question, self.ask(**options)))

    def ask(self, **options: Any) -> AgentAsk:
        return AgentAsk(**{"model": SCRIPT, "tools": NAMES, **options})

    def decide(self, *decisions: Decision, **options: Any) -> Run:
        waiting = self.branch()[-1]
        remember(self.store, OWNER, waiting, decisions)
        return self.finish(self.runs.start(AgentTurn(self.place, OWNER, waiting, self.ask(**options), decisions)))

    def do(self, script: str, **options: Any) -> Run:
        return self.finish(self.start(script, **options))

    @staticmethod
    def finish(run: Run) -> Run:
        assert run.settled.wait(20)
        return run

    def branch(self) -> list[Message]:
        return self.store.branch(OWNER, self.chat)

    def results(self) -> list[str]:
        return [str(message.wire["content"]) for message in self.branch() if message.role == "tool"]

    def sent(self) -> list[dict[str, Any]]:
        """The bodies of the requests for this conversation."""
        bodies = [request.body for request in self.demo.requests if request.body]
        return [body for body in bodies if body.get("session_id") == self.chat]


@pytest.fixture(scope="module")
def machinery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("agent")
    (folder / "tools").mkdir()
    (folder / "tools" / "several.py").write_text(TOOLS)
    runs = Runs(save_every=0.05)
    with DemoServer(port=0, speed=50, record=True) as demo, Store.open(f"sqlite:///{folder}/orchat.db") as store:
        with OpenRouterClient(demo.api_key, base_url=demo.base_url) as asked:
            catalogue = Catalogue(asked.models(), asked.zdr_endpoints())
        client = AsyncOpenRouterClient(demo.api_key, base_url=demo.base_url)
        toolbox = Toolbox([folder / "tools"], run=runs.submit, entry_points=False)
        yield Workshop(store, runs, toolbox, client, demo, catalogue)
        runs.submit(client.aclose()).result(5)
        runs.close()


@pytest.fixture
def shop(machinery: Workshop) -> Workshop:
    machinery.chat = machinery.store.create_conversation(OWNER, kind="agent").id
    return machinery


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    return tmp_path / "tools"
