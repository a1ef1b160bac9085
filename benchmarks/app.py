"""Streamlit pages under measurement, each served by a process of its own."""

import os
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.processes import ROOT, Process
from orchat.demo.account import DEMO_KEY
from tests.store.postgresql import temporary_server

START_WITHIN = 60.0
SETTLING = 3.0
"""Seconds after which a page that was just opened has done what it does in the background, once, after its start."""
MODEL = "openai/gpt-5-mini"
STREAMLIT = ["-m", "streamlit", "run"]
PAGES = Path("benchmarks/pages")
PERSON = "X-Forwarded-User"
"""The header that says who opens a tab of the hosted entry."""


@dataclass(frozen=True, slots=True)
class App:
    """A Streamlit server that answers."""

    process: Process
    port: int

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(script: str | Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[App]:
    """Run a script with Streamlit on a free port, wait until it answers, and end it afterwards."""
    port = free_port()
    command = [*STREAMLIT, str(script), f"--server.port={port}", "--server.fileWatcherType=none", "--", *arguments]
    with Process(command, environment=environment) as process:
        app = App(process, port)
        _wait_for(f"{app.url}/_stcore/health")
        yield app


@contextmanager
def orchat(upstream: str, data_dir: str | None = None) -> Iterator[App]:
    """Run orchat against `upstream`, a base URL; its data is kept in `data_dir`, by default a new folder."""
    with (
        tempfile.TemporaryDirectory() as empty,
        serving("streamlit_app.py", environment=settings(upstream, data_dir or empty)) as app,
    ):
        yield app


@contextmanager
def hosted(upstream: str, database: str | None = None, **more: str) -> Iterator[App]:
    """Run orchat's hosted entry against `upstream`, as behind a proxy: `PERSON` says who is there.

    `database` is the URL of a database; by default it is a file in a new folder. `more` are further settings.
    """
    with tempfile.TemporaryDirectory() as empty:
        environment = settings(upstream, empty)
        environment |= {"ORCHAT_LOGIN": "proxy", "ORCHAT_PROXY_HEADER": PERSON, "ORCHAT_PROXY_ADDRESSES": "127.0.0.1"}
        environment |= more
        # As the image sets it.
        environment["MALLOC_ARENA_MAX"] = "2"
        if database:
            environment["ORCHAT_DATABASE_URL"] = database
        with serving("deploy/asgi.py", environment=environment) as app:
            yield app


@contextmanager
def alone(one: AbstractContextManager[App]) -> Iterator[Sequence[App]]:
    """Run one server."""
    with one as server:
        yield [server]


@contextmanager
def two(upstream: str, database: str | None = None, **more: str) -> Iterator[Sequence[App]]:
    """Run the hosted entry twice; without `database`, each process has a file of its own."""
    with hosted(upstream, database, **more) as one, hosted(upstream, database, **more) as other:
        yield [one, other]


@contextmanager
def two_replicas(upstream: str, programs: Path, **more: str) -> Iterator[Sequence[App]]:
    """Run the hosted entry twice on one PostgreSQL, which runs for as long."""
    with temporary_server(programs) as database, two(upstream, database, **more) as replicas:
        yield replicas


@contextmanager
def naive(upstream: str, *packages: str) -> Iterator[App]:
    """Run the page that every tutorial shows, against the same upstream; `packages` are further folders of them."""
    # A page finds packages beside itself only; ours lie in the root of the project.
    path = os.pathsep.join((str(ROOT), *packages))
    with serving(PAGES / "naive.py", upstream, environment={"PYTHONPATH": path}) as app:
        yield app


def settings(upstream: str, data_dir: str) -> dict[str, str]:
    """The environment of an orchat that asks one model of `upstream` and words no titles."""
    return {
        "OPENROUTER_API_KEY": DEMO_KEY,
        "OPENROUTER_BASE_URL": upstream,
        "ORCHAT_DATA_DIR": data_dir,
        "ORCHAT_DEFAULT_MODEL": MODEL,
        "ORCHAT_TITLE_MODEL": "none",
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_WITHIN
    while True:
        try:
            urlopen(url, timeout=5).close()
            return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)
