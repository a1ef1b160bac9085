"""The environment for user code: packages of its own, made once, and never orchat's."""

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchat.sandbox.python import FONTS

REQUIREMENTS = Path(__file__).parent / "requirements.lock"
READY = "orchat-ready"
INSTALL_WITHIN = 900.0
TRY_AGAIN_AFTER = 600.0
FIND_FONTS = "import matplotlib.font_manager, matplotlib; print(matplotlib.__version__)"

Progress = Callable[[str], None]
log = logging.getLogger(__name__)


class UserEnvironment:
    """A virtual environment in a folder: found ready, or made at first use."""

    def __init__(self, folder: Path | None, home: Path, requirements: Path | None = REQUIREMENTS) -> None:
        """Take one that exists (`folder`), or make one below `home`; none at all without requirements."""
        self._given = folder
        self._home = home
        self._requirements = requirements
        self._failed_at: float | None = None
        self.problem = ""

    @property
    def folder(self) -> Path | None:
        """Where it is or will be; None if there shall be none."""
        if self._given is not None:
            return self._given
        if self._requirements is None:
            return None
        content = self._requirements.read_bytes() + sys.version.encode()
        return self._home / f"environment-{hashlib.sha256(content).hexdigest()[:12]}"

    @property
    def ready(self) -> Path | None:
        """The folder, if code can run in it."""
        folder = self.folder
        if folder is None:
            return None
        marker = folder / ("bin/python" if self._given else READY)
        return folder if marker.exists() else None

    def ensure(self, progress: Progress = log.info) -> Path | None:
        """Make it if it is not there; None, with `problem` set, if that cannot be done here and now.

        Two processes may ask at once: one makes it, the other waits.
        """
        if self.ready or self.folder is None or self._given is not None:
            if self._given is not None and not self.ready:
                self.problem = f"there is no virtual environment in {self._given}"
            return self.ready
        if self._failed_at is not None and time.monotonic() - self._failed_at < TRY_AGAIN_AFTER:
            return None
        with exclusively(self.folder.with_suffix(".lock")):
            if self.ready:
                return self.ready
            try:
                self._make(self.folder, progress)
            except (OSError, subprocess.SubprocessError) as error:
                self._failed_at = time.monotonic()
                said = getattr(error, "stderr", None) or str(error)
                self.problem = said.strip().splitlines()[-1][:300] if said.strip() else type(error).__name__
                log.warning("The packages for user code could not be installed: %s", self.problem)
        return self.ready

    def _make(self, folder: Path, progress: Progress) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        progress("Making the environment for code: this is done once and takes a minute or two.")
        python = getattr(sys, "_base_executable", sys.executable)
        call([python, "-m", "venv", "--without-pip", str(folder)])
        progress("Installing numpy, pandas, matplotlib and others for code.")
        target = str(folder / "bin" / "python")
        hashed = "--hash=" in (self._requirements or REQUIREMENTS).read_text(encoding="utf-8")
        call([*installer(target), *(["--require-hashes"] if hashed else []), "-r", str(self._requirements)])
        progress("Looking for fonts.")
        fonts = folder / FONTS
        fonts.mkdir(exist_ok=True)
        found = subprocess.run(  # noqa: S603 - the environment just made
            [target, "-I", "-c", FIND_FONTS],
            env={"PATH": "/usr/bin:/bin", "HOME": str(fonts), "MPLCONFIGDIR": str(fonts), "MPLBACKEND": "agg"},
            capture_output=True,
            check=False,
            timeout=INSTALL_WITHIN,
        )
        if found.returncode == 0:
            call([target, "-I", "-m", "compileall", "-q", "-j", "0", str(folder / "lib")], check=False)
        (folder / READY).touch()


def call(command: list[str], *, check: bool = True) -> None:
    """Run a command.

    Raises:
        OSError, subprocess.SubprocessError: it cannot be run, or fails; the latter with its `stderr`.
    """
    subprocess.run(command, check=check, capture_output=True, text=True, timeout=INSTALL_WITHIN, umask=0o022)  # noqa: S603


def installer(python: str) -> list[str]:
    """The command that installs into the environment of a Python: with uv, which is faster, or with pip.

    Raises:
        FileNotFoundError: there is neither.
    """
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}") or shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--no-config", "--python", python]
    for candidate in (sys.executable, getattr(sys, "_base_executable", sys.executable)):
        has_pip = subprocess.run([candidate, "-m", "pip", "--version"], capture_output=True, check=False)  # noqa: S603
        if has_pip.returncode == 0:
            pip = [candidate, "-m", "pip", "--python", python, "install"]
            return [*pip, "--quiet", "--disable-pip-version-check", "--no-input"]
    raise FileNotFoundError("neither uv nor pip is there to install packages with")


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Let one process at a time do something."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
