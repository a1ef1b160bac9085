"""A virtual environment for a peer whose requirements conflict with ours; made at the first use, then kept."""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.processes import ROOT


class PeerUnavailableError(Exception):
    """The peer cannot be installed here; says why."""


def python_with(requirement: str, *more: str) -> str:
    """Return the Python of an environment in which `requirement` (`name>=1,<2`), and more of them, are installed.

    Raises:
        PeerUnavailableError: it could not be made.
    """
    name = requirement.partition(">")[0]
    folder = ROOT / "benchmarks" / f".venv-{name}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        _run(_command("venv", folder))
        _run([*_command("install", python), requirement, *more])
        (folder / "complete").touch()
    return str(python)


def packages_with(requirement: str, *more: str) -> str:
    """Return the folder of packages of such an environment, for a PYTHONPATH; raises as `python_with` does."""
    return _run(
        [python_with(requirement, *more), "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]
    ).strip()


def version_of(python: str, package: str) -> str:
    """Return the version of a package that another Python has installed."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return _run([python, "-c", code]).strip()


def _command(task: str, path: Path) -> list[str]:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if task == "venv":
        ours = sys.executable
        return [uv, "venv", "--clear", "-q", "--python", ours, str(path)] if uv else [ours, "-m", "venv", str(path)]
    return [uv, "pip", "install", "-q", "--python", str(path)] if uv else [str(path), "-m", "pip", "install", "-q"]


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise PeerUnavailableError(f"`{command[0]}` ended with status {done.returncode}: {last.strip()}")
    return done.stdout
