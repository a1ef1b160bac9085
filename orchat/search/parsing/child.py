"""The reading process as its parent sees it: started, fed, listened to, and ended when it takes too much."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import orchat
from orchat import errors
from orchat.errors import CorruptDocumentError, DocumentError, DocumentTooLargeError, ParsingTimeoutError
from orchat.search.parsing.limits import MB, ParseLimits

logger = logging.getLogger(__name__)

_TOO_SLOW = "Reading the file took longer than it may."
_STOPPED, _ADD_AGAIN = "Reading the file was stopped.", "Add it again."
_GLANCE = 0.2
"""Seconds between two looks at whether reading is to stop."""
_COMPLAINTS = 4_000
"""How many of its last bytes on standard error are logged when a reading process fails."""


class Answer:
    """What a reading process says, bounded: lines of JSON, then maybe bytes."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._left = most

    def line(self) -> dict[str, Any]:
        """The next line.

        Raises:
            EOFError: it ended in the middle.
            DocumentTooLargeError: it said too much.
        """
        line = self._stream.readline(self._left + 1)
        self._left -= len(line)
        if self._left < 0:
            raise DocumentTooLargeError("There is more text in the file than is read.")
        if not line.endswith(b"\n"):
            raise EOFError
        message: dict[str, Any] = json.loads(line)
        return message

    def rest(self, count: int) -> bytes:
        """The `count` bytes behind the lines; raises as `line` does."""
        if not 0 <= count <= self._left:
            raise DocumentTooLargeError("The picture of the page is too large.")
        data = self._stream.read(count)
        if len(data) < count:
            raise EOFError
        return data


class Watch:
    """Ends a process when its time is up, or when somebody wants it to stop."""

    def __init__(self, process: "subprocess.Popen[bytes]", wall: float, stop: threading.Event | None) -> None:
        self.late = False
        self._process = process
        self._deadline = time.monotonic() + wall
        self._stop = stop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="orchat-parsing", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Watch no more."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while (left := self._deadline - time.monotonic()) > 0:
            if self._over.wait(left if self._stop is None else min(left, _GLANCE)):
                return
            if self._stop is not None and self._stop.is_set():
                _end(self._process)
                return
        self.late = True
        _end(self._process)


@contextmanager
def reading(
    source: bytes | Path,
    limits: ParseLimits,
    *,
    page: dict[str, Any] | None = None,
    picture: dict[str, Any] | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Answer]:
    """A process that reads one file, draws one page of it, or makes a picture anew; with the block it is gone.

    Raises:
        DocumentError: the file cannot be read, for the reason that its class tells.
    """
    if stop is not None and stop.is_set():
        raise DocumentError(_STOPPED, advice=_ADD_AGAIN)
    _refuse_too_large(source, limits)
    with _complaints() as complaints:
        process = _start(complaints)
        watch = Watch(process, limits.wall, stop)
        try:
            asked = {"limits": asdict(limits), "page": page, "picture": picture}
            yield from _conversation(process, source, asked, limits)
        except (EOFError, ValueError, KeyError, TypeError, BrokenPipeError) as error:
            _end(process)
            status = process.wait()
            if stop is not None and stop.is_set():
                raise DocumentError(_STOPPED, advice=_ADD_AGAIN) from error
            raise _reason(status, complaints, late=watch.late) from error
        finally:
            _end(process)
            watch.end()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()


def _conversation(
    process: "subprocess.Popen[bytes]", source: bytes | Path, request: dict[str, Any], limits: ParseLimits
) -> Iterator[Answer]:
    assert process.stdin is not None
    assert process.stdout is not None
    # Bytes go by the pipe: a temporary file of them would stay on the disk, deleted or not.
    piped = b"" if isinstance(source, Path) else source
    named = {"path": str(source.absolute()) if isinstance(source, Path) else None, "size": len(piped)}
    process.stdin.write(json.dumps(request | named).encode() + b"\n" + piped)
    process.stdin.close()
    # A character takes up to four bytes, or six where JSON escapes it; places and braces are on top.
    yield Answer(process.stdout, 6 * limits.characters + 4 * MB)


def raise_reported(message: dict[str, Any]) -> None:
    """Raise the error that a line tells, if it tells one."""
    if "error" in message:
        kind = getattr(errors, str(message["error"]), DocumentError)
        known = isinstance(kind, type) and issubclass(kind, DocumentError)
        raise (kind if known else DocumentError)(str(message["message"])[:1000], advice=message["advice"])


def _refuse_too_large(source: bytes | Path, limits: ParseLimits) -> None:
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > limits.size:
        raise DocumentTooLargeError(f"The file has {size / MB:,.1f} MB; at most {limits.size // MB:,} MB are read.")


def _complaints() -> IO[bytes]:
    """A file for what the process says on standard error, which may quote the document: in memory where that goes."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("orchat-complaints"), "w+b")
    return tempfile.TemporaryFile()


def _start(complaints: IO[bytes]) -> "subprocess.Popen[bytes]":
    # Nothing of our environment goes with it: keys are in there. One thread is enough, and more would cost memory.
    environment = {
        "PYTHONPATH": os.pathsep.join([str(Path(orchat.__file__).parents[1]), *filter(None, sys.path)]),
        "MALLOC_ARENA_MAX": "2",
        "RAYON_NUM_THREADS": "1",
        "TOKIO_WORKER_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-S", "-m", "orchat.search.parsing.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=environment,
        start_new_session=True,
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _reason(status: int, complaints: IO[bytes], *, late: bool) -> DocumentError:
    """Why a reading process ended without an answer."""
    if late or (sys.platform != "win32" and status == -signal.SIGXCPU):
        return ParsingTimeoutError(_TOO_SLOW)
    size = complaints.seek(0, os.SEEK_END)
    complaints.seek(max(0, size - _COMPLAINTS))
    said = complaints.read().decode("utf-8", "replace").strip()
    logger.warning("The reading process ended with status %d: %s", status, _without_words(said) or "it said nothing")
    # Libraries abort when they get no more memory.
    if status == -signal.SIGABRT or "MemoryError" in said or "memory allocation" in said or "bad_alloc" in said:
        return DocumentTooLargeError("Reading the file takes more memory than it may.")
    return CorruptDocumentError("The file makes its reader fail: it is damaged, or made to do so.")


def _without_words(said: str) -> str:
    """What a process that failed has said, without what may be the document's: where it was, and the kind of error."""
    kinds = re.findall(r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit))\b", said, re.MULTILINE)
    places = re.findall(r'File "[^"\n]*?([^"/\n]+)", line (\d+)', said)
    return " ".join([*(f"{name}:{line}" for name, line in places[-5:]), *kinds[-1:]])
