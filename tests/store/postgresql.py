"""A PostgreSQL server of the tests' own, on a Unix socket in a temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Nothing in it is worth keeping, so it need not wait for the disk.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


def installed_programs() -> Path | None:
    """The folder of the newest server that Debian's packages have installed."""
    folders = [initdb.parent for initdb in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def temporary_server(programs: Path) -> Iterator[str]:
    """Runs a fresh server and gives its URL."""
    # Not in pytest's own folder: the path of a Unix socket may have no more than 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="orchat-pg-"))
    try:
        with running_server(programs, folder) as url:
            yield url
    finally:
        shutil.rmtree(folder)


@contextmanager
def running_server(programs: Path, folder: Path) -> Iterator[str]:
    account = unprivileged_account(folder)
    initdb = [programs / "initdb", "--auth=trust", "--username=orchat", "--encoding=UTF8", "--no-sync", folder / "data"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
    options = [word for setting in SETTINGS for word in ("-c", setting)]
    server = [programs / "postgres", "-D", folder / "data", "-k", folder, *options]
    with (folder / "log").open("w") as log, subprocess.Popen(server, stderr=log, cwd=folder, **account) as process:
        try:
            url = f"postgresql://orchat@/postgres?host={folder}"
            wait_until_ready(url)
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: SIGTERM would wait for every client to leave


def unprivileged_account(folder: Path) -> dict[str, Any]:
    """What makes a subprocess run as somebody else than root, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def wait_until_ready(url: str) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
