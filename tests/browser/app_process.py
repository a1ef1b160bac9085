"""orchat as a process of its own, on a free port with its own data folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from orchat.demo import DemoServer
from orchat.store import Store

ROOT = Path(__file__).parents[2]
OWNER = "local"
STARTS_WITHIN = 60.0
STOPS_WITHIN = 10.0


class AppProcess:
    """`streamlit run` of an entry in front of an embedded OpenRouter; always ended, whatever happens to a test.

    A setting that is None is left unset.
    """

    def __init__(
        self, demo: DemoServer, folder: Path, *, entry: str = "streamlit_app.py", **settings: str | None
    ) -> None:
        self.demo = demo
        self.entry = entry
        self.folder = folder
        self.log = folder / "app.log"
        self.errors = folder / "app.err"
        """What it writes to stderr, apart from its greeting."""
        self._settings = {
            "ORCHAT_DATA_DIR": str(folder / "data"),
            "OPENROUTER_BASE_URL": demo.base_url,
            "OPENROUTER_API_KEY": demo.api_key,
            **settings,
        }
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def again(self) -> "AppProcess":
        """The same app, as a process of its own: for a restart."""
        other = AppProcess(self.demo, self.folder)
        other._settings = self._settings
        return other

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self) -> Store:
        """The app's database, opened beside it; to be closed by the caller."""
        return Store.open(f"sqlite:///{self.folder}/data/orchat.db")

    def command(self) -> list[str]:
        """What starts it."""
        options = [f"--server.port={self.port}", "--server.fileWatcherType=none"]
        return [sys.executable, "-m", "streamlit", "run", str(ROOT / self.entry), *options]

    def start(self) -> Self:
        settings = {name: value for name, value in self._settings.items() if value is not None}
        environment = {**os.environ, **settings}  # noqa: TID251 - what the child inherits
        # Streamlit looks for it in the folder where it is started and beside the entry; the hosted one lies elsewhere.
        (self.folder / ".streamlit").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / ".streamlit" / "config.toml", self.folder / ".streamlit")
        with self.log.open("ab") as log, self.errors.open("ab") as errors:
            # In the folder of the test, since a developer's .env lies in the project's.
            self._process = subprocess.Popen(
                self.command(), cwd=self.folder, env=environment, stdout=log, stderr=errors, start_new_session=True
            )
        self._wait_until_it_answers()
        return self

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                with urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except (URLError, OSError):
                assert self._process is not None
                assert self._process.poll() is None, self.said()
                assert time.monotonic() < deadline, self.said()
                time.sleep(0.1)

    def said(self) -> str:
        """All that it has written."""
        return self.log.read_text() + self.errors.read_text()

    def kill(self) -> None:
        """End it without any warning, as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
