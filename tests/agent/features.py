"""All features that ask a model, used one after the other, and the bodies that left for it."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from orchat.agent.ask import AgentAsk
from orchat.demo import DemoServer
from orchat.library import Shelf
from orchat.openrouter import ProviderPreferences
from orchat.openrouter.enforcement import ADMINISTRATIVE
from orchat.runs import Run
from orchat.services import Services
from orchat.turn import Ask
from orchat.ui import file_list
from tests.search.made_files import pdf

OWNER = "ann"
LONG = "A long history that has to be summarised before it fits. " * 60
SMALL_WINDOW = "demo/script"
PONDERS = '''
"""Asks a model."""
from langchain_core.tools import tool

PLUGIN = {"approval": "auto"}


def get_tools(ctx):
    @tool
    async def ponder() -> str:
        """Ask a model."""
        return (await ctx.chat_model("demo/fast").ainvoke("Hello")).text[:20]

    return [ponder]
'''


def use_every_feature(
    services: Services,
    *,
    zdr: bool,
    monkeypatch: pytest.MonkeyPatch,
    provider: ProviderPreferences = ProviderPreferences(),  # noqa: B008 - it is frozen
) -> list[Run]:
    """Chat with a title, with the auto-router too, and the agent with a summary of a long history."""
    monkeypatch.setattr("orchat.agent.graph.WINDOW", 2_000)
    store, connection, runs = services.store, services.connection(), []
    connection.catalogue.current(wait=10)
    monkeypatch.setattr("orchat.agent.turn.AgentTurn._profile", lambda _: None)
    for ask in (Ask("demo/fast", zdr=zdr, provider=provider), Ask(auto=True, zdr=zdr, provider=provider)):
        chat = store.create_conversation(OWNER).id
        runs.append(services.ask(OWNER, services.chats.say(OWNER, chat, "Hello there", None), ask, connection))
    chat, leaf = store.create_conversation(OWNER, kind="agent").id, None
    for number in range(24):
        leaf = store.add_message(
            OWNER,
            chat,
            role="assistant" if number % 2 else "user",
            wire={"role": "assistant" if number % 2 else "user", "content": f"{number} {LONG}"},
            parent_id=leaf,
        ).id
    question = services.chats.say(OWNER, chat, "say Hello", leaf)
    runs.append(services.ask_agent(OWNER, question, AgentAsk(SMALL_WINDOW, zdr=zdr, provider=provider), connection))
    for run in runs:
        assert run.settled.wait(60)
        assert run.error is None
    return runs


def bodies(demo: DemoServer) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Return what was sent, and its headers: whatever has a body, wherever it went, but for keys."""
    keys = tuple(f"/api/v1{path}" for path in ADMINISTRATIVE)
    sent = (request for request in demo.requests if request.body and not request.path.startswith(keys))
    return [(request.body, request.headers) for request in sent]


def check_all(demo: DemoServer, but: Sequence[dict[str, Any]] = ()) -> None:
    """Assert that each body (`but` these) asks for zero data retention, its headers too."""
    for body, headers in bodies(demo):
        if body in but:
            continue
        assert body["provider"]["zdr"] is True, body
        assert body["provider"]["data_collection"] == "deny"
        assert headers["x-openrouter-zdr"] == "true"
        assert headers["x-openrouter-cache"] == "false"


def use_tools(services: Services, folder: Path, *, zdr: bool) -> None:
    """Let the agent use a tool that asks a model itself; `folder` is where the operator's tools are."""
    folder.mkdir()
    (folder / "ponders.py").write_text(PONDERS)
    chat = services.store.create_conversation(OWNER, kind="agent").id
    question = services.chats.say(OWNER, chat, "call ponder {}\nsay Done.", None)
    ask = AgentAsk("demo/script", tools=("ponder",), zdr=zdr)
    run = services.ask_agent(OWNER, question, ask, services.connection())
    assert run.settled.wait(60)
    assert run.error is None


def use_documents(services: Services) -> None:
    """Add documents, a scan among them, and search them by meaning, ranked."""
    own = services.library.of(Shelf.OWN, OWNER)
    texts = [("moon.md", b"Of the moon there are tides."), ("owl.md", b"The owl looks at the moon.")]
    own.add([*texts, ("scan.pdf", pdf([None]))])
    deadline = time.monotonic() + 60
    while any(file_list.is_on_its_way(status) for status in own.status()) or not own.vectors.complete:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert own.search("moon tides")
