"""A real Docker, where the machine has one."""

import shutil
import subprocess
from pathlib import Path

import yaml

from tests.browser.app_process import ROOT


def grace(file: str = "compose.yaml") -> float:
    """Seconds that a compose file gives orchat to end before it is killed."""
    services = yaml.safe_load((ROOT / file).read_text())["services"].values()
    [said] = {service["stop_grace_period"] for service in services if service["image"].startswith("orchat:")}
    return float(said.removesuffix("s"))


def answers() -> bool:
    """Whether there is a Docker that containers can be started with."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def docker(*words: str | Path) -> str:
    """`docker …`, which has to go well; return what it printed."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


def load(archive: Path) -> str:
    """Give Docker an image from a file; return its name."""
    return docker("load", "--input", archive).splitlines()[-1].partition("Loaded image: ")[2]
