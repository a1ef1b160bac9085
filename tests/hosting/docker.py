"""A real Docker, where the machine has one: containers as the compose file starts them."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.browser.app_process import ROOT

SERVICE = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["api"]


def grace(file: str = "compose.yaml") -> float:
    """Seconds that a compose file gives orchat to end before it is killed."""
    services = yaml.safe_load((ROOT / file).read_text())["services"].values()
    [said] = {service["stop_grace_period"] for service in services if service["image"].startswith("orchat:")}
    return float(said.removesuffix("s"))


def docker_answers() -> bool:
    """Whether there is a Docker that containers can be started with."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def run(image: str, *command: str, volumes: tuple[str, ...] = ()) -> str:
    """Run a command in a container with the compose file's restrictions, and no network; return what it said."""
    done = subprocess.run(
        ["docker", "run", "--rm", "--network=none", *_restrictions(volumes), image, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@contextmanager
def served(image: str, command: list[str], data: Path, **settings: str) -> Iterator[None]:
    """Run a container in the network of this machine, with a folder as its volume."""
    told = subprocess.run(
        [
            *("docker", "run", "--detach", "--network=host", *_restrictions((f"{data}:/data",))),
            *(f"--env={name}={value}" for name, value in settings.items()),
            *(image, *command),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    container = told.stdout.strip()
    try:
        yield
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)


def _restrictions(volumes: tuple[str, ...]) -> list[str]:
    return [
        *("--init", "--read-only"),
        *(f"--tmpfs={folder}" for folder in SERVICE["tmpfs"]),
        *(f"--cap-drop={capability}" for capability in SERVICE["cap_drop"]),
        *(f"--security-opt={option}" for option in SERVICE["security_opt"]),
        f"--pids-limit={SERVICE['pids_limit']}",
        *(f"--volume={volume}" for volume in volumes),
    ]


def load(archive: Path) -> str:
    """Give Docker an image from a file; return its name."""
    done = subprocess.run(["docker", "load", "--input", archive], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1].partition("Loaded image: ")[2]
