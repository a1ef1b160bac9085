"""The reading process: what it may not do, and that it ends."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchat.errors import CorruptDocumentError, DocumentTooLargeError, ParsingTimeoutError
from orchat.search.parsing import ParseLimits, child, parse
from tests.search import made_files

Worker = Callable[[str], None]
ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is Linux's")
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")


def confined(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that has confined itself as a reader does."""
    program = (
        "from orchat.search.parsing.confinement import *\nimport ctypes, os, socket\n"
        f"limit_resources(memory=1_500_000_000, cpu=20)\nforbid_network_and_programs()\n{code}"
    )
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 1))",
        "socket.getaddrinfo('example.com', 80)",
        "os.system('true')",
        "os.execv('/bin/true', ['true'])",
        "__import__('subprocess').run(['true'])",
    ],
)
def test_a_reader_reaches_no_network_and_starts_no_program(attempt: str):
    done = confined(attempt)
    assert done.returncode == 1
    assert "a reader of documents may not do this" in done.stderr


@linux
@pytest.mark.parametrize("call", ["socket(2, 1, 0)", "execv(b'/bin/true', (ctypes.c_char_p * 2)(b'true'))", "setsid()"])
def test_a_library_of_the_reader_reaches_none_either(call: str):
    done = confined(f"c = ctypes.CDLL(None, use_errno=True)\nprint(c.{call}, ctypes.get_errno())")
    assert done.stdout.split() == ["-1", "1"], done.stderr


@posix
def test_a_reader_writes_no_file(tmp_path: Path):
    path = tmp_path / "a"
    done = confined(f"with open({str(path)!r}, 'w') as file: file.write('x')")
    assert "File too large" in done.stderr
    assert path.read_text() == ""


def test_a_reader_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-secret")
    seen: list[dict[str, str]] = []
    popen = subprocess.Popen

    def recorded(command: list[str], *, env: dict[str, str], **options: Any) -> "subprocess.Popen[bytes]":
        seen.append(env)
        return popen(command, env=env, **options)

    monkeypatch.setattr(child.subprocess, "Popen", recorded)
    parse(b"words")
    assert "sk-or-v1-secret" not in json.dumps(seen)
    assert len(seen) == 1


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Have another program answer in the reader's place."""
    popen = subprocess.Popen

    def answer_with(code: str) -> None:
        def start(_: list[str], **options: Any) -> "subprocess.Popen[bytes]":
            return popen([sys.executable, "-c", code], **options)

        monkeypatch.setattr(child.subprocess, "Popen", start)

    return answer_with


@linux
def test_a_reader_that_hangs_is_ended_with_all_that_it_started(worker: Worker, tmp_path: Path):
    told = tmp_path / "pid"
    sleep = f"open({str(told)!r}, 'w').write(str(os.getpid()))\n    time.sleep(60)"
    worker(f"import os, time\nif not os.fork():\n    {sleep}\ntime.sleep(60)")
    with pytest.raises(ParsingTimeoutError, match="longer than it may"):
        parse(b"words", limits=ParseLimits(wall=2.0))
    process = Path("/proc", told.read_text())
    assert not process.exists() or "\nState:\tZ" in (process / "status").read_text()


@posix
def test_reading_stops_when_it_is_told_to(worker: Worker):
    from orchat.errors import DocumentError

    worker("import time; time.sleep(60)")
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(DocumentError, match="was stopped"):
        parse(b"words", stop=stop)
    with pytest.raises(DocumentError, match="was stopped"):
        parse(b"words", stop=stop)


def test_a_reader_that_says_too_much_is_ended(worker: Worker):
    worker("import sys\nwhile True: sys.stdout.write('x' * 100_000)")
    with pytest.raises(DocumentTooLargeError):
        parse(b"words", limits=ParseLimits(characters=1_000))


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", '{"parts": 1}', '{"parts": 1, "parsed": {}}\\n{"text": 1}\\n', '{"picture": -1}']
)
def test_an_answer_that_is_none_is_told_as_a_damaged_file(worker: Worker, answer: str):
    worker(f"print('{answer}')")
    with pytest.raises(CorruptDocumentError):
        parse(b"words")


def test_an_error_that_is_not_a_documents_is_none_of_ours(worker: Worker):
    worker("""print('{"error": "SystemExit", "message": "m", "advice": "a"}')""")
    from orchat.errors import DocumentError

    with pytest.raises(DocumentError, match="m") as caught:
        parse(b"words")
    assert type(caught.value) is DocumentError


@posix
def test_a_reader_ends_with_its_share_of_the_processor():
    bomb = made_files.pdf_file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            made_files.stream_object(made_files.flate_bomb(1_000), "[/FlateDecode /FlateDecode]"),
        ]
    )
    with pytest.raises((ParsingTimeoutError, DocumentTooLargeError, CorruptDocumentError)):
        parse(bomb, limits=ParseLimits(cpu=1, cpu_per_mb=0, memory=600_000_000))


def test_several_threads_may_read_at_once():
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda number=number: found.append(parse(f"text {number}".encode()).parts[0].text))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"text {number}" for number in range(4)]
