"""A real Compose, and compose.yaml started by it in a folder of its own, with an OpenRouter as a second container."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from orchat.demo.account import DEMO_KEY
from orchat.store import Store
from tests.browser.app_process import ROOT, free_port
from tests.hosting.docker import docker

OLDEST = (2, 24)
"""The first that knows files of settings which may be missing; docs/hosting.md says so too."""
BESIDE = """
services:
  api:
    image: {image}
    healthcheck:
      interval: 2s
  openrouter:
    image: {image}
    init: true
    tmpfs: ["/data"]
    command: ["python", "-m", "orchat.demo", "--host=0.0.0.0", "--port=8765", "--speed=3"]
    healthcheck:
      test: ["CMD", "true"]
      interval: 1s
"""
"""Laid over compose.yaml: the image by the name that it has here, and the simulation in reach of its network."""


def compose() -> list[str] | None:
    """The command of a Compose that is new enough: Docker's plugin, or the program by itself."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None:
            continue
        told = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
        version = tuple(int(number) for number in re.findall(r"\d+", told.stdout)[:2])
        if told.returncode == 0 and version >= OLDEST:
            return command
    return None


class Project:
    """A folder in which `docker compose` means compose.yaml with an image; gone with its volume in the end."""

    def __init__(self, image: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="orchat-compose-"))
        self.port = free_port()
        shutil.copy(ROOT / "compose.yaml", self.folder)
        self.use(image)
        settings = {
            "COMPOSE_PROJECT_NAME": self.folder.name.lower(),
            "ORCHAT_PORT": self.port,
            "OPENROUTER_API_KEY": DEMO_KEY,
            "OPENROUTER_BASE_URL": "http://openrouter:8765/api/v1",
        }
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def use(self, image: str) -> None:
        """Start this image from now on, as if it had just been built."""
        (self.folder / "compose.override.yaml").write_text(BESIDE.format(image=image))

    def run(self, *words: str, status: int = 0) -> str:
        """`docker compose …`, which has to end with a status; return what it printed."""
        command = compose()
        assert command is not None
        known = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "DOCKER_HOST")}  # noqa: TID251
        done = subprocess.run(
            [*command, *words], cwd=self.folder, env=known, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout.strip()

    def up(self) -> None:
        """Start it as docs/hosting.md does, and wait until Docker says that it is healthy."""
        self.run("up", "--detach", "--wait")

    def inspect(self, form: str) -> str:
        """What Docker says of orchat's container, also of one that has ended."""
        return docker("inspect", "--format", form, self.run("ps", "--all", "--quiet", "api"))

    @property
    def data(self) -> Path:
        """The folder of the volume, where Docker runs on this machine and we are root."""
        volume = f"{self.folder.name.lower()}_data"
        return Path(docker("volume", "inspect", "--format", "{{.Mountpoint}}", volume))

    @property
    def url(self) -> str:
        """The database in the volume."""
        return f"sqlite:///{self.data}/orchat.db"

    @property
    def store(self) -> Store:
        """orchat's database, opened beside it; to be closed by the caller."""
        return Store.open(self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run("down", "--volumes", "--timeout=1")
        shutil.rmtree(self.folder)
