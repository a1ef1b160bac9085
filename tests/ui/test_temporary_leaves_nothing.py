"""A temporary chat leaves no word on any disk: searched for in every file, every open file, and everything logged."""

import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchat.sandbox import available
from orchat.sandbox.memory import IN_MEMORY, scratch_in_memory, type_of
from orchat.sandbox.processes import tree
from orchat.settings import Settings
from orchat.temporary import is_temporary
from tests.ui.chat_app import OWNER, ChatApp, until

Start = Callable[..., ChatApp]
WORD = "quaggaspotting"
"""In everything that is said, attached, written by code and answered."""
WRITING = os.O_WRONLY | os.O_RDWR
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what other systems have open cannot be looked at")


class Search:
    """Looks for the word in folders and in what processes have open on a disk, again and again until it is ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: set[str] = set()
        self.opened: set[str] = set()
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Search":
        sys.addaudithook(self._note)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.02):
            self.look()

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Remember what this process opens to write; a hook cannot be taken away again, but it can be deaf."""
        if event == "open" and not self._over.is_set() and arguments[2] & WRITING:
            self.opened.add(str(arguments[0]))

    def look(self) -> None:
        """Look once."""
        self.looks += 1
        for path in self.folder.rglob("*"):
            self._read(path, str(path))
        for process in (os.getpid(), *tree(os.getpid())):
            # Deleted ones too: they are read through the descriptor.
            for path in _listed(Path(f"/proc/{process}/fd")):
                name = _target(path)
                if name.startswith("/") and type_of(Path(name.removesuffix(" (deleted)"))) not in IN_MEMORY | {"proc"}:
                    self._read(path, name)

    def _read(self, path: Path, name: str) -> None:
        try:
            if path.is_file() and path.stat().st_size < 50_000_000 and WORD.encode() in path.read_bytes():
                self.found.add(name)
        except OSError:
            return


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Search]:
    """Searches what is written from now on; temporary files go to a folder of the test."""
    folder = tmp_path / "temporary-files"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with Search(tmp_path) as search:
        yield search


def begin(app: ChatApp) -> None:
    app.switch("temporary", on=True)


def clean(search: Search, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    search.look()
    assert search.looks > 1
    assert search.found == set()
    assert WORD not in caplog.text
    output = capfd.readouterr()
    assert WORD not in output.out + output.err


def test_the_search_finds_what_is_written(search: Search, tmp_path: Path):
    with tempfile.TemporaryFile() as deleted:
        deleted.write(WORD.encode())
        deleted.flush()
        search.look()
    assert any("deleted" in name for name in search.found)
    (tmp_path / "kept").write_text(WORD)
    search.look()
    assert str(tmp_path / "kept") in search.found
    assert str(tmp_path / "kept") in search.opened


def test_a_chat_that_is_not_temporary_is_found(start: Start, search: Search):
    app = start(ORCHAT_DEFAULT_MODEL="demo/script", ORCHAT_TITLE_MODEL="none")
    app.send(f"say The {WORD} is over.")
    search.look()
    assert any(Path(name).name.startswith("orchat.db") for name in search.found)


def test_the_chat_page(
    start: Start, search: Search, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    app = start(ORCHAT_DEFAULT_MODEL="demo/script", ORCHAT_LOG_LEVEL="DEBUG")
    begin(app)
    assert WORD in app.send(f"say The {WORD} is over.").text
    app.choose_model("demo/mid-stream-error")
    assert app.send(f"{WORD} fails").state == "failed"
    app.page.multiselect(key="compared").set_value(["demo/fast", "demo/error-in-200"])
    app.run()
    app.send(f"{WORD} for two")
    question = app.services.chats.say(OWNER, app.chat, f"{WORD} is stopped", app.branch[-1].id)
    app.choose_model("demo/stalls")
    run = app.services.ask(OWNER, question, app.session.ask, app.services.connection())
    until(lambda: len(run.events) > 3)
    run.stop()
    assert run.settled.wait(10)
    assert is_temporary(app.chat)
    clean(search, caplog, capfd)
    app.press("new-chat")
    app.run()
    clean(search, caplog, capfd)


def test_the_agent_with_files_search_approval_and_code(
    start: Start,
    search: Search,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    report = available(Settings(ORCHAT_DATA_DIR=tmp_path, ORCHAT_SANDBOX="auto", ORCHAT_SANDBOX_PACKAGES=False))
    if report.chosen is None:
        pytest.skip(f"nothing here isolates code: {report.reason}")
    app = start(
        ORCHAT_DEFAULT_MODEL="demo/script",
        ORCHAT_LOG_LEVEL="DEBUG",
        ORCHAT_SANDBOX="auto",
        ORCHAT_SANDBOX_PACKAGES="false",
    ).open(page="pages/agent.py")
    begin(app)
    script = f'call search_files {{"query": "{WORD}"}}\nsay It is about {WORD} [1].'
    box = app.page.chat_input(key="prompt").set_value(script)
    box.upload("notes.md", f"# Notes\n\nOn {WORD} at dusk.".encode() * 200)
    box.upload("broken.pdf", b"%PDF-1.7 " + WORD.encode() * 500)
    app.run()
    answer = app.settled()
    assert f"On {WORD} at dusk" in "".join(message.text for message in app.branch if message.role == "tool")
    assert WORD in answer.text
    code = f"open('{WORD}.txt', 'w').write('{WORD}')\nopen('notes.md').read()[:40]"
    app.ask_agent(f"call run_python {json.dumps({'code': code})}", f"say The {WORD} is written.")
    # It rests in a checkpoint while it waits for the person.
    search.look()
    app.press(f"once-{app.waiting}-0")
    app.settled()
    [result] = [message for message in app.branch if message.role == "tool"][-1:]
    assert WORD in result.text
    assert any(file.name == f"{WORD}.txt" for file in app.store.files(OWNER, app.chat))
    app.ask_agent(f"call run_python {json.dumps({'code': f'raise ValueError({WORD!r})'})}", "say Oh.")
    app.press(f"once-{app.waiting}-0")
    app.settled()
    clean(search, caplog, capfd)
    scratch = scratch_in_memory()
    assert scratch is not None
    workspace = scratch.path / app.chat
    assert (workspace / f"{WORD}.txt").is_file()
    app.press("new-chat")
    until(lambda: not workspace.exists())
    clean(search, caplog, capfd)
