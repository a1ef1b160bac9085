"""The shipped tools, loaded as the app loads them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from langchain_core.tools import BaseTool

from orchat.agent.contract import Artifact, ArtifactRef, ToolContext
from orchat.agent.toolbox import Toolbox
from orchat.agent.toolbox.loading import load
from orchat.agent.toolbox.sources import in_folders
from orchat.errors import NotFoundError
from orchat.runs import Runs

TOOLS = Path(__file__).parents[2] / "tools"
Get = Callable[..., BaseTool]


def module(name: str) -> ModuleType:
    """A shipped plugin's module."""
    import sys

    (source,) = [source for source in in_folders([TOOLS]) if source.name == name.partition(".")[0]]
    if f"orchat_plugin_{source.name}" not in sys.modules:
        load(source)
    return sys.modules[f"orchat_plugin_{name}"]


class Kept:
    """Files of a conversation, in memory."""

    def __init__(self, **files: bytes) -> None:
        self.data = {name.replace("_", "."): data for name, data in files.items()}

    def save(self, artifact: Artifact) -> ArtifactRef:
        self.data[artifact.name] = artifact.data
        return ArtifactRef(artifact.kind, artifact.name, artifact.mime, len(artifact.data), artifact.name)

    def read(self, sha256: str) -> bytes:
        if sha256 not in self.data:
            raise NotFoundError("There is no such file.")
        return self.data[sha256]

    def all(self) -> list[ArtifactRef]:
        return [ArtifactRef("file", name, "", len(data), name) for name, data in self.data.items()]


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


@pytest.fixture(scope="module")
def box(runs: Runs) -> Toolbox:
    return Toolbox([TOOLS], run=runs.submit, entry_points=False)


@pytest.fixture
def get(box: Toolbox, runs: Runs) -> Get:
    def get(name: str, **context: Any) -> BaseTool:
        (ready,) = runs.submit(box.tools(ToolContext(**context), [name])).result(10)
        return ready.tool

    return get
