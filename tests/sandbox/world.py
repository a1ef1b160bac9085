"""The machine that attacks are aimed at: things that code inside must not reach, and that tell when it did."""

import contextlib
import os
import secrets
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pydantic


class World:
    """A neighbourhood of the sandbox, made of what hosts have: secrets, services, processes, other people's files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.token = secrets.token_hex(12)
        self.folder = folder
        self.secret_file = folder / "secrets.toml"
        self.secret_file.write_text(f'OPENROUTER_API_KEY = "sk-or-v1-{self.token}"\n')
        self.secret_file.chmod(0o666)
        self.before = self.secret_file.stat()
        self.program = folder / "program"
        self.program.write_text("#!/bin/sh\necho started\n")
        self.program.chmod(0o755)
        self.victim = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(3600)", self.token],
            env={"OPENROUTER_API_KEY": self.token},
            stdin=subprocess.DEVNULL,
        )
        self.callers = 0
        self._servers = [socket.create_server(("127.0.0.1", 0)), self._unix(folder / "service.sock")]
        self.abstract = f"\0orchat-{self.token[:8]}"
        self._servers.append(self._unix(self.abstract))
        for server in self._servers:
            threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def _unix(self, address: str | Path) -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(address))
        server.listen()
        with contextlib.suppress(OSError, ValueError):
            Path(address).chmod(0o777)
        return server

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            self.callers += 1
            with caller:
                caller.sendall(self.token.encode())

    def told(self) -> dict[str, object]:
        """What the attackers may know, which is everything but the token."""
        return {
            "folder": str(self.folder),
            "secret": str(self.secret_file),
            "program": str(self.program),
            "victim": self.victim.pid,
            "app": os.getpid(),
            "port": self._servers[0].getsockname()[1],
            "unix": str(self.folder / "service.sock"),
            "abstract": self.abstract,
            "packages": str(Path(pydantic.__file__).parents[1]),
        }

    def check(self, said: str) -> None:
        """Fail if the token got out or anything was changed."""
        assert self.token not in said
        now = self.secret_file.stat()
        assert (now.st_size, now.st_mode, now.st_uid, now.st_mtime, now.st_nlink) == (
            self.before.st_size,
            self.before.st_mode,
            self.before.st_uid,
            self.before.st_mtime,
            self.before.st_nlink,
        )
        assert sorted(path.name for path in self.folder.iterdir()) == ["program", "secrets.toml", "service.sock"]
        assert self.victim.poll() is None
        assert os.getpriority(os.PRIO_PROCESS, self.victim.pid) == os.getpriority(os.PRIO_PROCESS, 0)
        assert os.sched_getaffinity(self.victim.pid) == os.sched_getaffinity(0)
        assert self.callers == 0
        assert stat.S_IMODE(now.st_mode) == 0o666

    def close(self) -> None:
        for server in self._servers:
            server.close()
        self.victim.send_signal(signal.SIGKILL)
        self.victim.wait()
