"""Files that were added: read once, one after the other, whatever happens in between."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from orchat.errors import NotFoundError, SearchError
from orchat.search import Collection, FileState, Parsed, ParseLimits
from orchat.search.index import NewFile
from orchat.search.intake import label
from orchat.search.jobs import MAX_ATTEMPTS
from orchat.search.records import IndexedFile
from tests.search import made_files
from tests.search.conftest import Open
from tests.search.embedders import Topics

ROOT = Path(__file__).parents[2]
KILLED_WHILE_READING = """
import os, sys
from pathlib import Path
from orchat.search import Collection, ingest
ingest.parse = lambda *_, **__: os._exit(9)
Collection.open(Path(sys.argv[1]), "ann", background=False).add([("a.txt", b"the otter swims"), ("b.txt", b"a heron")])
"""
ADDING = """
import sys
from pathlib import Path
from orchat.search import Collection
with Collection.open(Path(sys.argv[1]), "ann") as collection:
    collection.add([(f"{n}.txt", f"file number {n} on otters".encode()) for n in range(6)])
    while any(s.state in ("queued", "parsing") for s in collection.status()):
        pass
"""


def states(collection: Collection) -> dict[str, str]:
    return {status.name: status.state.value for status in collection.status()}


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_files_that_were_added_are_found_with_their_pages(collection: Collection):
    data = made_files.pdf(["nothing here", "the otter swims"], labels="0 << /S /r >>")
    (status,) = collection.add([("rivers.pdf", data)])
    assert (status.name, status.state, status.chunks) == ("rivers.pdf", FileState.READY, 2)
    (hit,) = collection.search("otter")
    assert (hit.name, hit.page, hit.place.label, hit.text) == ("rivers.pdf", 2, "ii", "the otter swims")
    assert collection.original(hit.file) == data


def test_a_file_that_cannot_be_read_says_why_and_the_others_go_on(collection: Collection):
    broken, good, scan = collection.add(
        [("broken.pdf", b"%PDF-1.7 none"), ("good.txt", b"the otter swims"), ("scan.pdf", made_files.pdf([None]))]
    )
    assert broken.state is FileState.FAILED
    assert "damaged" in broken.reason
    assert broken.advice
    assert "looks like a scan" in scan.reason
    assert good.state is FileState.READY
    assert [hit.name for hit in collection.search("otter")] == ["good.txt"]


def test_pages_without_text_are_told(collection: Collection):
    (status,) = collection.add([("half.pdf", made_files.pdf(["words", None, None]))])
    assert status.note == "2 of 3 pages have no text: they may be scans."


def test_the_same_content_is_read_and_indexed_once(collection: Collection, monkeypatch: pytest.MonkeyPatch):
    first, copy = collection.add([("a.txt", b"the otter swims"), ("b.txt", b"the otter swims")])
    assert first == copy
    monkeypatch.setattr("orchat.search.ingest.parse", lambda *_, **__: pytest.fail("it was read again"))
    assert collection.add([("c.txt", b"the otter swims")]) == [first]
    assert len(collection.files()) == 1


def test_a_changed_file_takes_the_place_of_the_old_one(collection: Collection):
    collection.add([("notes.txt", b"the otter swims")])
    (status,) = collection.add([("notes.txt", b"the heron flies")])
    assert status.state is FileState.READY
    assert [file.name for file in collection.files()] == ["notes.txt"]
    assert collection.search("otter") == []
    assert len(collection.search("heron")) == 1


def test_a_changed_file_that_cannot_be_read_leaves_the_old_one(collection: Collection):
    collection.add([("notes.pdf", made_files.pdf(["the otter swims"]))])
    (status,) = collection.add([("notes.pdf", b"%PDF-1.7 none")])
    assert status.state is FileState.FAILED
    assert len(collection.search("otter")) == 1


def test_a_failed_file_can_be_added_again_and_forgotten(collection: Collection):
    (failed,) = collection.add([("a.pdf", b"%PDF-1.7 none")])
    collection.remove(failed.id)
    assert collection.status() == []
    collection.add([("a.pdf", b"%PDF-1.7 none")])
    collection.add([("a.pdf", made_files.pdf(["better"]))])
    assert states(collection) == {"a.pdf": "ready"}
    with pytest.raises(NotFoundError):
        collection.remove(failed.id)


def test_a_file_that_is_too_large_is_refused_before_it_is_kept(open_collection: Open, tmp_path: Path):
    collection = open_collection(limits=ParseLimits(size=1_000))
    (tmp_path / "large.txt").write_bytes(b"word " * 1_000)
    large, small = collection.add([tmp_path / "large.txt", ("small.txt", b"the otter swims")])
    assert (large.state, large.reason) == (FileState.FAILED, "The file has 0.0 MB; at most 0 MB are read.")
    assert small.state is FileState.READY
    assert states(collection) == {"small.txt": "ready"}


def test_vectors_follow_and_their_progress_is_told(open_collection: Open):
    collection = open_collection(embedders=[Topics()])
    (status,) = collection.add([("rivers.pdf", made_files.pdf(["the cat sleeps", "the tide comes"]))])
    assert (status.state, status.embedded) == (FileState.SEARCHABLE, 0)
    collection.embed_pending(1)
    assert [(s.state, s.embedded) for s in collection.status()] == [(FileState.EMBEDDING, 1)]
    collection.embed_pending()
    assert [(s.state, s.embedded) for s in collection.status()] == [(FileState.READY, 2)]


def test_files_are_read_in_the_background(open_collection: Open):
    collection = open_collection(background=True)
    added = collection.add([(f"{number}.txt", f"otter number {number}".encode()) for number in range(4)])
    assert {status.state for status in added} <= {FileState.QUEUED, FileState.PARSING, FileState.READY}
    wait_until(lambda: set(states(collection).values()) == {"ready"})
    assert len(collection.search("otter")) == 4


def test_closing_stops_what_is_read_and_the_next_one_to_open_goes_on(
    open_collection: Open, address: str | Path, monkeypatch: pytest.MonkeyPatch
):
    if address == ":memory:":
        pytest.skip("it is gone when it is closed")
    from orchat.search import ingest

    reading = Event()
    parse = ingest.parse

    def slow(data: bytes, *, limits: ParseLimits, stop: Event, scans: bool) -> Parsed:
        reading.set()
        assert stop.wait(60)
        return parse(data, limits=limits, stop=stop, scans=scans)

    monkeypatch.setattr(ingest, "parse", slow)
    first = open_collection(background=True)
    first.add([("a.txt", b"the otter swims")])
    assert reading.wait(60)
    assert states(first) == {"a.txt": "parsing"}
    first.close()
    monkeypatch.setattr(ingest, "parse", parse)
    second = open_collection()
    assert states(second) == {"a.txt": "queued"}
    assert second.ingest_pending() == 1
    assert states(second) == {"a.txt": "ready"}


def test_a_file_that_was_removed_while_it_was_read_stays_away(collection: Collection, monkeypatch: pytest.MonkeyPatch):
    from orchat.search import ingest

    parse = ingest.parse

    def removed_meanwhile(data: bytes, **options: Any) -> Parsed:
        (status,) = collection.status()
        collection.remove(status.id)
        return parse(data, **options)

    monkeypatch.setattr(ingest, "parse", removed_meanwhile)
    collection.add([("a.txt", b"the otter swims")])
    assert collection.status() == []
    assert collection.search("otter") == []


def test_what_a_killed_process_was_reading_is_read_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "one.db"
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_READING, str(path)], cwd=ROOT, check=False)
    assert killed.returncode == 9
    with Collection.open(path, "ann", background=False) as collection:
        assert states(collection) == {"a.txt": "parsing", "b.txt": "queued"}
        collection.ingest_pending()
        assert states(collection) == {"b.txt": "ready", "a.txt": "parsing"}  # its lease has not ended yet
        now = time.time()
        monkeypatch.setattr("orchat.search.sqlite.job_table.time.time", lambda: now + 60)
        collection.ingest_pending()
        assert states(collection) == {"b.txt": "ready", "a.txt": "ready"}


def test_a_file_that_ends_the_app_each_time_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, now = tmp_path / "one.db", time.time()
    with Collection.open(path, "ann", background=False) as collection:
        jobs = collection._index.jobs
        for attempt in range(MAX_ATTEMPTS):
            if not attempt:
                monkeypatch.setattr(collection._ingest, "work", lambda: 0)
                collection.add([("a.txt", b"the otter swims")])
            assert jobs.claim(f"process {attempt}") is not None
            assert jobs.claim("another") is None
            later = now + 60 * (attempt + 1)
            monkeypatch.setattr("orchat.search.sqlite.job_table.time.time", lambda later=later: later)
        assert jobs.claim("process") is None
        (status,) = collection.status()
        assert (status.state, status.reason) == (FileState.FAILED, "The app ended each time this file was read.")


def test_a_lease_that_ends_while_its_holder_lives_is_no_end_of_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # On a full disk it could not be given back.
    now = time.time()
    with Collection.open(tmp_path / "one.db", "ann", background=False) as collection:
        monkeypatch.setattr(collection._ingest, "work", lambda: 0)
        collection.add([("a.txt", b"the otter swims")])
        for attempt in range(MAX_ATTEMPTS + 2):
            monkeypatch.setattr("orchat.search.sqlite.job_table.time.time", lambda: now + 60 * attempt)  # noqa: B023
            assert collection._index.jobs.claim("process") is not None
            assert states(collection) == {"a.txt": "parsing"}


def test_a_file_that_there_is_no_room_for_waits_until_there_is_however_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with Collection.open(tmp_path / "one.db", "ann", background=False) as collection:
        room, add = Event(), collection._index.add

        def full(file: NewFile) -> IndexedFile:
            if not room.is_set():
                raise SearchError("The disk is full.")
            return add(file)

        monkeypatch.setattr(collection._index, "add", full)
        for _ in range(MAX_ATTEMPTS + 1):
            with pytest.raises(SearchError, match="disk is full"):
                collection.add([("a.txt", b"the otter swims")])
            assert states(collection) == {"a.txt": "queued"}
        room.set()
        collection.ingest_pending()
        assert states(collection) == {"a.txt": "ready"}


def test_two_processes_share_the_work_and_do_nothing_twice(tmp_path: Path):
    path = tmp_path / "one.db"
    Collection.open(path, "ann").close()
    both = [subprocess.Popen([sys.executable, "-c", ADDING, str(path)], cwd=ROOT) for _ in range(2)]
    assert [process.wait(100) for process in both] == [0, 0]
    with Collection.open(path, "ann", background=False) as collection:
        assert sorted(states(collection).items()) == [(f"{number}.txt", "ready") for number in range(6)]
        assert len(collection.search("otters", 20)) == 6


def test_the_example_of_the_documentation_finds_its_otter(tmp_path: Path):
    (code,) = re.findall(r"```py\n(.*?)```", (ROOT / "docs" / "search.md").read_text(), re.DOTALL)
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[0] == "otters.md ready "
    assert "otters.md Otters # Otters" in done.stdout


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\a.pdf", "a.pdf"),
        ("a\nb\x00.txt", "ab.txt"),
        ("", "document"),
        ("x/", "document"),
    ],
)
def test_a_name_is_a_label_and_no_path(name: str, kept: str):
    assert label(name) == kept
