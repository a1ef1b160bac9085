"""The Python that runs user code: an environment of its own, or the bare one that orchat's was made from."""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orchat.errors import SandboxUnavailableError

QUESTION = """
import json, sys, sysconfig
print(json.dumps({
    "base": sys.base_prefix,
    "stdlib": sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix, "base": sys.base_prefix}),
    "version": sys.version.split()[0],
}))
"""
FONTS = "orchat-fonts"


@dataclass(frozen=True, slots=True)
class UserPython:
    """An interpreter and the folders that it needs to read."""

    executable: Path
    base: Path
    """Where Python itself is installed."""
    stdlib: Path
    version: str
    environment: Path | None = None
    """The virtual environment with the packages, if there is one."""

    @property
    def command(self) -> tuple[str, ...]:
        """How to start it: without the variables and folders of whoever starts it, and without writing bytecode."""
        return (str(self.executable), "-I", "-B", *(() if self.environment else ("-S",)))

    @property
    def fonts(self) -> Path | None:
        """Matplotlib's list of the machine's fonts, made together with the environment."""
        found = sorted((self.environment / FONTS).glob("fontlist-*.json")) if self.environment else []
        return found[-1] if found else None

    @property
    def folders(self) -> tuple[Path, ...]:
        """What has to be readable beside the system's own folders, the environment first."""
        base = (self.base / "bin", self.base / "lib")
        return (*((self.environment,) if self.environment else ()), *(path for path in base if not in_system(path)))

    @property
    def foreign_packages(self) -> tuple[Path, ...]:
        """Folders of packages that belong to the bare Python: perhaps the application's own, so never shown."""
        return tuple(path for name in ("site-packages", "dist-packages") if (path := self.stdlib / name).is_dir())


def in_system(path: Path) -> bool:
    """Whether a path is among the system folders that every sandbox may read."""
    return any(path.is_relative_to(folder) for folder in ("/usr/lib", "/usr/lib64", "/usr/bin"))


def user_python(environment: Path | None) -> UserPython:
    """The Python of an environment; without one the Python below orchat's own, with the standard library only.

    Raises:
        SandboxUnavailableError: it does not run.
    """
    if environment is not None:
        return _ask(environment / "bin" / "python", environment)
    # The attribute exists in virtual environments and outside of them, on every CPython.
    return _ask(Path(getattr(sys, "_base_executable", sys.executable)).resolve(), None)


@cache
def _ask(executable: Path, environment: Path | None) -> UserPython:
    command = [str(executable), "-I", "-S", "-c", QUESTION]
    try:
        answer = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout  # noqa: S603 - our own
        told = json.loads(answer)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise SandboxUnavailableError(f"The Python for user code ({executable}) does not run: {error}.") from None
    base = Path(told["base"])
    stdlib = base / "lib" / Path(told["stdlib"]).name
    return UserPython(executable, base, stdlib, told["version"], environment)
