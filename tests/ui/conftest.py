"""Every test of the page has a server, a data folder and an embedded OpenRouter of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.ui import resources
from tests.laboratory import TOOLS
from tests.ui.chat_app import ChatApp


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as server:
        yield server


@pytest.fixture
def start(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ChatApp]]:
    """Start orchat with these settings and open its page."""
    # A developer's .env lies in the project folder.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    # Outside the project's folder Streamlit's configuration, which says so, is not read.
    monkeypatch.setenv("ORCHAT_BIND", "127.0.0.1")
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    # Looking for a sandbox takes a second of the processor; those who run code ask for one.
    monkeypatch.setenv("ORCHAT_SANDBOX", "off")

    def start(**settings: str | None) -> ChatApp:
        for name, value in settings.items():
            if value is None:
                monkeypatch.delenv(name)
            else:
                monkeypatch.setenv(name, value)
        return ChatApp(demo).open()

    resources.close()
    yield start
    resources.close()


@pytest.fixture
def app(start: Callable[..., ChatApp]) -> ChatApp:
    return start()


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """The folder of the operator's own tools."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "laboratory.py").write_text(TOOLS)
    return folder


@pytest.fixture
def agent(start: Callable[..., ChatApp], tools: Path) -> ChatApp:
    """The agent's page with the scripted model, which does what it is told."""
    app = start(ORCHAT_TOOLS_DIR=str(tools), ORCHAT_DEFAULT_MODEL="demo/script", ORCHAT_TITLE_MODEL="none")
    return app.open(page="pages/agent.py")
