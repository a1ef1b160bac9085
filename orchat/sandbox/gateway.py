"""A Jupyter server somewhere else: interpreters run there, and the files of a session go there and come back.

The server has to isolate its kernels from each other and from what is precious to it. That is its operator's promise
and cannot be tried from here; what its kernels say is no more trusted than what ours say.
"""

import base64
import contextlib
import json
import re
import threading
from pathlib import Path
from typing import Any

from orchat.errors import SandboxError, SandboxProtocolError, SandboxUnavailableError
from orchat.sandbox.collector import Collector
from orchat.sandbox.folders import entries
from orchat.sandbox.frames import decode, decoded, whole
from orchat.sandbox.kernel import GRACE, START_WITHIN
from orchat.sandbox.workspace import MAX_READ, Workspace, safe_name

CHUNK = 2_000_000
"""Bytes of a file in one message; servers refuse messages of ten megabytes."""
MOST_FILES = 200
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
HOME = "import base64, json, os, tempfile\nos.chdir(tempfile.mkdtemp(prefix='orchat-'))"
LISTING = (
    "__import__('base64').b64encode(__import__('json').dumps({e.name: [e.stat().st_size, e.stat().st_mtime_ns] "
    "for e in __import__('os').scandir('.') if e.is_file(follow_symlinks=False)}).encode()).decode()"
)
READING = (
    "(lambda f: (f.seek({start}), __import__('base64').b64encode(f.read({size})).decode())[1])(open({name!r}, 'rb'))"
)
WRITING = "with open({name!r}, {mode!r}) as _file: _file.write(__import__('base64').b64decode({data!r}))"


class GatewayKernel:
    """A kernel of the server. Only files directly in the workspace go back and forth."""

    def __init__(self, server: str, token: str | None, workspace: Path) -> None:
        """Start one.

        Raises:
            SandboxUnavailableError: the client is not installed, or the server does not start a kernel.
        """
        try:
            from jupyter_kernel_client import KernelHttpManager
        except ImportError:
            raise SandboxUnavailableError(
                "The gateway needs the package jupyter-kernel-client.", advice='pip install "jupyter-kernel-client>=1"'
            ) from None
        self.alive = True
        self._files = Workspace(workspace)
        self._there: dict[str, list[int]] = {}
        self._sent: dict[str, int] = {}
        self._closing = threading.Lock()
        # Gateways want the header in this form; the client's own is for servers.
        headers = {"Authorization": f"token {token}"} if token else {}
        self._manager = KernelHttpManager(server, token, headers=headers)
        try:
            self._manager.start_kernel(name="python3", timeout=START_WITHIN)
            self._client = self._manager.client
            self._client.start_channels()
            self._client.wait_for_ready(timeout=START_WITHIN)
            self._ask(HOME)
        except Exception as error:  # noqa: BLE001 - the client raises what requests, websockets and itself raise
            self.close()
            raise SandboxUnavailableError(f"The gateway does not start a kernel: {str(error)[:300]}.") from None

    def begin(self) -> None:
        """Nothing: an interrupt is the server's to remember."""

    def run(self, code: str, timeout: float, collector: Collector) -> None:
        """Run a cell, as `Kernel.run` says."""
        watch = threading.Timer(timeout, self._time_over, (collector,))
        try:
            self._upload()
            watch.start()
            reply = self._client.execute_interactive(
                code,
                allow_stdin=False,
                output_hook=lambda message: take(message, collector),
                timeout=timeout + 2 * GRACE,
            )
            watch.cancel()
            finish(reply["content"], collector)
            self._download()
        except (SandboxProtocolError, SandboxError):
            self.close()
            raise
        except Exception:  # noqa: BLE001 - whatever the client raises: the connection or the kernel is gone
            self.close()
        finally:
            watch.cancel()

    def _time_over(self, collector: Collector) -> None:
        collector.limit = "time"
        self.interrupt()

    def _ask(self, code: str, expression: str = "None") -> str:
        """Run code of ours, and return what an expression is as base64."""
        reply = self._client.execute_interactive(
            code, silent=True, allow_stdin=False, user_expressions={"x": expression}, output_hook=lambda _: None,
            timeout=START_WITHIN,
        )  # fmt: skip
        try:
            return str(reply["content"]["user_expressions"]["x"]["data"]["text/plain"]).strip("'\"")
        except (KeyError, TypeError):
            raise SandboxProtocolError("The gateway's kernel did not answer a question about its files.") from None

    def _upload(self) -> None:
        for entry in list(entries(self._files.path)):
            changed = self._sent.get(entry.path) != entry.status.st_ctime_ns
            if changed and entry.is_plain and "/" not in entry.path and entry.status.st_size <= MAX_READ:
                data = self._files.read(entry.path)
                for start in range(0, max(len(data), 1), CHUNK):
                    part = base64.b64encode(data[start : start + CHUNK]).decode()
                    self._ask(WRITING.format(name=entry.path, mode="ab" if start else "wb", data=part))
                self._sent[entry.path] = entry.status.st_ctime_ns
        self._there = self._listing()

    def _listing(self) -> dict[str, list[int]]:
        listed = decode(decoded(self._ask("", LISTING)))
        shaped = {name: about for name, about in listed.items() if is_size_and_time(about)}
        return dict(list(shaped.items())[:MOST_FILES])

    def _download(self) -> None:
        for name, (size, _) in (now := self._listing()).items():
            fits = 0 <= size <= MAX_READ and name == safe_name(name)
            if not fits or now[name] == self._there.get(name):
                continue
            parts = [
                decoded(self._ask("", READING.format(name=name, start=at, size=CHUNK))) for at in range(0, size, CHUNK)
            ]
            self._files.write(name, b"".join(parts))
            self._sent[name] = (self._files.path / name).lstat().st_ctime_ns

    def interrupt(self) -> None:
        """End the cell that runs."""
        with contextlib.suppress(Exception):
            self._manager.interrupt_kernel()

    def close(self) -> None:
        """End the kernel there."""
        with self._closing:
            if not self.alive:
                return
            self.alive = False
        with contextlib.suppress(Exception):
            self._client.stop_channels()
        with contextlib.suppress(Exception):
            self._manager.shutdown_kernel(now=True)


def is_size_and_time(about: Any) -> bool:
    """Whether it is what our listing says of a file."""
    return isinstance(about, list) and len(about) == 2 and all(isinstance(part, int) for part in about)


def take(message: dict[str, Any], collector: Collector) -> None:
    """Take a message of the kernel as if it were a frame of ours."""
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        (collector.stdout if content["name"] == "stdout" else collector.stderr).add(whole(content["text"]).encode())
    elif kind in {"display_data", "execute_result"}:
        forms = {mime: form if isinstance(form, str) else json.dumps(form) for mime, form in content["data"].items()}
        pictures = {mime: "".join(form.split()) for mime, form in forms.items() if mime in {"image/png", "image/jpeg"}}
        collector.take({"display": forms | pictures})


def finish(content: dict[str, Any], collector: Collector) -> None:
    """End the cell with what the reply says of it."""
    error = None
    if content["status"] != "ok":
        trace = ANSI.sub("", "\n".join(content.get("traceback", [])))
        error = {"name": content.get("ename", "Error"), "value": content.get("evalue", ""), "traceback": trace}
    collector.take({"done": collector.number, "error": error})


def answers(server: str, token: str | None, workspace: Path) -> str:
    """Why a gateway cannot be used; nothing if it can."""
    try:
        kernel = GatewayKernel(server, token, workspace)
    except SandboxUnavailableError as error:
        return error.message
    kernel.close()
    return ""
