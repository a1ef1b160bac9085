"""The hosted entry as a process of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from orchat.demo import DemoServer
from orchat.services import Services
from orchat.settings import Settings
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting import docker
from tests.hosting.image import Builder
from tests.house.test_hosting_page import COMMANDS

HOSTED = "deploy/asgi.py"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo:
        yield demo


@pytest.fixture
def services(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """What the entry serves, without an entry."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    monkeypatch.setenv("ORCHAT_SANDBOX_PACKAGES", "false")
    services = Services(Settings.load(), loopback_only=True)
    yield services
    services.close()


@pytest.fixture(scope="module")
def hosted(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with AppProcess(demo, tmp_path_factory.mktemp("hosted"), entry=HOSTED) as app:
        yield app


@pytest.fixture
def http(hosted: AppProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hosted.url) as client:
        yield client


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which somebody has followed the page from its first command to its last."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    clone = tmp_path / "orchat"
    files = " ".join(str(ROOT / name) for name in (".env.example", "compose.yaml", "deploy"))
    stand_ins = {"docker": f'echo "$*" >> {tmp_path}/told', "git": f"mkdir orchat && cp -r {files} orchat"}
    for program, script in stand_ins.items():
        (tmp_path / program).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / program).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}  # noqa: TID251 - where openssl is
    subprocess.run(["sh", "-eu", "-c", "\n".join(COMMANDS)], cwd=tmp_path, env=environment, check=True)
    monkeypatch.chdir(clone)
    return clone


@pytest.fixture(scope="session")
def builder() -> Iterator[Builder]:
    """buildah, with the base that the image is built on."""
    # Not in pytest's own folder: only root may enter that, and the image runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="orchat-image-"))
    folder.chmod(0o755)
    builder = Builder(folder)
    try:
        builder.base()
        yield builder
        builder.remove()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def loaded(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image `core`, as Docker has it: `full` has more packages, and the same system and restrictions."""
    if not docker.answers():
        pytest.skip("there is no Docker to run the image with")
    image = builder.build("core")
    archive = tmp_path_factory.mktemp("image") / "image.tar"
    builder.run("push", image, f"docker-archive:{archive}:{image}")
    name = docker.load(archive)
    archive.unlink()
    return name
