"""Sandboxes for the tests: each backend that the machine has, the environment for code, a world to attack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.sandbox import Sandbox, engine_for
from orchat.sandbox.choice import finding_of
from orchat.sandbox.engine import Engine
from orchat.settings import Settings
from tests.sandbox.battery import IMAGE, LIMITS, Battery
from tests.sandbox.packages import packages
from tests.sandbox.world import World

__all__ = ["packages"]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("data")
    return Settings(ORCHAT_DATA_DIR=folder, ORCHAT_SANDBOX_PACKAGES=False, ORCHAT_SANDBOX_IMAGE=IMAGE)


@pytest.fixture(scope="session", params=["bwrap", "landlock", "docker"])
def engine(request: pytest.FixtureRequest, settings: Settings) -> Engine:
    """An engine with Python alone."""
    return engine_that_holds(request.param, settings)


@pytest.fixture(scope="session")
def networked(settings: Settings) -> Engine:
    """An engine whose code may reach a host."""
    return engine_that_holds("bwrap", settings.model_copy(update={"sandbox_hosts": ("allowed.invalid",)}))


def engine_that_holds(backend: str, settings: Settings) -> Engine:
    finding = finding_of(backend, settings)
    if not finding.holds:
        pytest.skip(f"{backend}: {finding.reason}")
    return engine_for(backend, settings)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world") / "neighbours")
    yield world
    world.close()


@pytest.fixture(scope="session")
def battery(engine: Engine, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battery]:
    with Sandbox.open(tmp_path_factory.mktemp("workspace") / "session", LIMITS, engine=engine) as box:
        yield Battery.of(box, world, engine.backend.name)


@pytest.fixture
def box(engine: Engine, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox.open(tmp_path / "workspace", LIMITS, engine=engine) as box:
        yield box
