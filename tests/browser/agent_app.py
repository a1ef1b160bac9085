"""Fixtures of the agent's page: an app with the laboratory's tools, and conversations of its scripted model."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchat.demo import DemoServer
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.chat_page import Chat
from tests.laboratory import TOOLS


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the operator's own tools."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "laboratory.py").write_text(TOOLS)
    return folder


@pytest.fixture(scope="module")
def app(browser: Any, demo: DemoServer, tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    settings = {"ORCHAT_TOOLS_DIR": str(tools), "ORCHAT_TITLE_MODEL": "none", "ORCHAT_SANDBOX": "off"}
    with AppProcess(demo, tmp_path_factory.mktemp("app"), **settings) as app:
        yield app


@pytest.fixture
def agent(new_tab: Callable[..., Chat]) -> Callable[..., Chat]:
    """Open an empty conversation of the agent, by default with the model that does what it is told."""

    def agent(model: str = "demo/script", *, server: AppProcess | None = None, **options: Any) -> Chat:
        settings = {"model": model, "auto": False, "zdr": False, **options.pop("settings", {})}
        tab = new_tab(server, **options) if server else new_tab(**options)
        conversation = tab.store.create_conversation(OWNER, kind="agent", settings=settings)
        return tab.go(f"/agent?chat={conversation.id}").ready()

    return agent
