"""A disk with no byte left on it, where everything of an installation lies: people are told, and nothing is lost.

The disk is a file system of 20 MB in memory, which only root may mount.
"""

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from orchat.errors import OrchatError, SearchError, StoreError
from orchat.library import Shelf
from orchat.sandbox import available
from orchat.search.document import Parsed
from orchat.search.parsing import parse
from orchat.search.postgresql.connections import Connections
from orchat.search.records import FileState
from orchat.services import Services
from orchat.store import Store
from orchat.turn import Ask
from tests.faults.aftermath import assert_nothing_lost_or_doubled, seen
from tests.faults.installation import OWNER, Database, asked, running, said, until
from tests.store.postgresql import installed_programs, unprivileged_account

SIZE = "20m"


class SmallDisk:
    """A file system that can be filled to its last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                with suppress(OSError):
                    while True:
                        filler.write(b"x" * size)

    def free(self) -> None:
        """Take away what fills it."""
        self._filler.unlink()


@pytest.fixture
def small_disk(request: pytest.FixtureRequest) -> Iterator[SmallDisk]:
    folder = Path(tempfile.mkdtemp(prefix="orchat-small-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={getattr(request, 'param', SIZE)}", "tmpfs", folder]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        folder.rmdir()
        pytest.skip("no file system can be mounted here: that takes root, and a container that may")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.fixture
def services(small_disk: SmallDisk, environment: pytest.MonkeyPatch) -> Iterator[Services]:
    environment.setenv("ORCHAT_DATA_DIR", str(small_disk.folder / "data"))
    environment.setenv("ORCHAT_SANDBOX", "auto")
    environment.setenv("ORCHAT_SANDBOX_PACKAGES", "false")
    with running() as services:
        yield services


def words(count: int) -> bytes:
    """A text that takes as much room as it has bytes, and has one word to be found by."""
    chance = random.Random(count)
    return " ".join(["quagga", *(f"{chance.getrandbits(40):x}" for _ in range(count // 11))]).encode()


def check_that_nothing_is_lost(services: Services, small_disk: SmallDisk) -> None:
    """Fill the disk under an answer and under questions, and look what is there once there is room again."""
    chat = services.store.create_conversation(OWNER).id
    kept = services.chats.say(OWNER, chat, "Short", None)
    run = asked(services, "demo/long")
    until(lambda: len(said(run)) > 200)
    small_disk.fill()
    for _ in range(3):
        with pytest.raises(StoreError, match=r"The disk is full\.") as caught:
            services.chats.say(OWNER, chat, words(200_000).decode(), kept.id)
    assert "Free some space" in caught.value.advice
    until(lambda: len(said(run)) > 8000)
    run.stop()
    assert services.store.branch(OWNER, chat) == [kept]
    small_disk.free()
    assert run.finished.wait(60)
    second = services.chats.say(OWNER, chat, words(200_000).decode(), kept.id)
    again = services.ask(OWNER, second, Ask("demo/fast"), services.connection())
    assert again.settled.wait(60)
    branches = [
        message for one in services.store.conversations(OWNER) for message in services.store.branch(OWNER, one.id)
    ]
    assert [message.state for message in branches if message.role == "assistant"] == ["done", "stopped"]
    assert said(run) in {message.text for message in branches}
    assert_nothing_lost_or_doubled(services.store, seen(OWNER, *branches))


def test_what_people_say_and_hear_is_kept_once_there_is_room(services: Services, small_disk: SmallDisk):
    check_that_nothing_is_lost(services, small_disk)


def test_a_file_that_is_brought_is_refused_and_can_be_brought_again(services: Services, small_disk: SmallDisk):
    chat = services.store.create_conversation(OWNER).id
    first = services.chats.attach(OWNER, chat, "a.txt", words(1000))
    small_disk.fill()
    for _ in range(2):
        with pytest.raises(OrchatError, match=r"The disk is full\.") as caught:
            services.chats.attach(OWNER, chat, "b.txt", words(400_000))
    assert "Free some space" in caught.value.advice
    small_disk.free()
    second = services.chats.attach(OWNER, chat, "b.txt", words(400_000))
    assert sorted(file.name for file in services.store.files(OWNER, chat)) == ["a.txt", "b.txt"]
    for file, size in ((first, 1000), (second, 400_000)):
        assert services.store.file_data(OWNER, file["sha256"]) == words(size)
    shelf = services.library.of(Shelf.CHAT, OWNER, chat)
    until(lambda: [one.state for one in shelf.status()] == [FileState.READY] * 2)
    assert {hit.name for hit in shelf.search("quagga")} == {"a.txt", "b.txt"}
    assert_nothing_lost_or_doubled(services.store, [])


def test_a_document_that_the_disk_gets_full_under_is_read_once_there_is_room(
    services: Services, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    shelf = services.library.of(Shelf.OWN, OWNER)
    shelf.add([("a.txt", words(1000))])
    until(lambda: [one.state for one in shelf.status()] == [FileState.READY])
    full = Event()

    def parsed(*args: Any, **options: Any) -> Parsed:
        # It is taken, and there is no room left for what is read in it.
        if not full.is_set():
            small_disk.fill()
            full.set()
        return parse(*args, **options)

    monkeypatch.setattr("orchat.search.ingest.parse", parsed)
    shelf.add([("b.txt", words(600_000))])
    until(lambda: "Reading files is held up: The disk is full." in caplog.text)
    with pytest.raises(OrchatError, match=r"The disk is full\."):
        shelf.add([("c.txt", words(500_000))])
    small_disk.free()
    shelf.add([("c.txt", words(500_000))])
    until(lambda: [one.state for one in shelf.status()] == [FileState.READY] * 3)
    assert {hit.name for hit in shelf.search("quagga")} == {"a.txt", "b.txt", "c.txt"}


def test_code_that_fills_the_disk_is_told_and_its_folder_works_when_there_is_room(
    services: Services, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
):
    # As a rule nobody writes any more when there is so little left; here it is the disk that refuses.
    monkeypatch.setattr("orchat.sandbox.watch.FREE_RESERVE", 0)
    report = available(services.settings)
    if report.chosen is None:
        pytest.skip(f"nothing here isolates code: {report.reason}")
    chat = services.store.create_conversation(OWNER, kind="agent").id

    def run(code: str) -> str:
        call = services.call_tool(OWNER, chat, "run_python", {"code": code}, services.connection())
        assert call.finished.wait(60)
        return f"{call.status}: {call.text}"

    assert "6" in run("x = 6; open('kept.txt', 'w').write('kept'); print(x)")
    files = services.interpreters().of(OWNER, chat).files
    small_disk.fill()
    assert "No space left on device" in run("open('big.bin', 'wb').write(bytes(10**6))")
    with pytest.raises(OrchatError, match="No space left on device"):
        files.write("brought.bin", bytes(10**6))
    assert [name for name in files if name.startswith(".")] == [], "half a file takes no room"
    small_disk.free()
    assert "kept 6" in run("print(open('kept.txt').read(), x)")
    assert files.write("brought.bin", bytes(10**6)) == "brought.bin"


@pytest.fixture
def tables_on_it(database: Database, small_disk: SmallDisk, environment: pytest.MonkeyPatch) -> Iterator[Services]:
    """An installation with PostgreSQL, whose tables lie on the small disk and whose log does not."""
    import psycopg

    place = small_disk.folder / "tables"
    place.mkdir()
    unprivileged_account(place)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
    environment.setenv("ORCHAT_DATABASE_URL", f"{database.url}&options=-cdefault_tablespace%3Dsmall")
    with running() as services:
        yield services


@pytest.mark.long
def test_postgresql_that_has_no_room_for_its_tables_says_so_and_loses_nothing(
    tables_on_it: Services, small_disk: SmallDisk
):
    check_that_nothing_is_lost(tables_on_it, small_disk)


FULL_IN_FRENCH = "DO $$ BEGIN RAISE EXCEPTION 'Aucun espace disponible' USING ERRCODE = '53100'; END $$"


def test_postgresql_says_that_its_disk_is_full_in_any_language(postgresql: str):
    with (
        Store.open(postgresql) as store,
        pytest.raises(StoreError, match=r"^The disk is full\.$"),
        store._writing() as connection,
    ):
        connection.exec_driver_sql(FULL_IN_FRENCH)
    connections = Connections(postgresql)
    with pytest.raises(SearchError, match=r"^The disk is full\.$"), connections.transaction() as cursor:
        cursor.execute(FULL_IN_FRENCH)
    connections.close()


def answers(store: Store) -> bool:
    """Whether the database answers; connections from before are found to be dead by asking."""
    with suppress(StoreError):
        store.ping()
        return True
    return False


@pytest.mark.parametrize("small_disk", ["60m"], indirect=True)
def test_postgresql_whose_log_has_no_room_ends_and_has_lost_nothing_once_it_is_started_again(
    small_disk: SmallDisk, environment: pytest.MonkeyPatch
):
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed: pip install 'psycopg[binary]'")
    programs = installed_programs()
    if programs is None:
        pytest.skip("no PostgreSQL to put on a small disk: install Debian's postgresql")
    database = Database(programs, small_disk.folder, "--wal-segsize=1")
    database.start()
    environment.setenv("ORCHAT_DATABASE_URL", database.url)
    try:
        with running() as services:
            chat, kept = services.store.create_conversation(OWNER).id, []
            kept.append(services.chats.say(OWNER, chat, "Short", None))
            small_disk.fill()
            with suppress(StoreError):
                while True:
                    kept.append(services.chats.say(OWNER, chat, words(200_000).decode(), kept[-1].id))
            small_disk.free()
            database.stop()
            database.start()
            until(lambda: answers(services.store))
            kept.append(services.chats.say(OWNER, chat, "And now?", kept[-1].id))
            again = services.ask(OWNER, kept[-1], Ask("demo/fast"), services.connection())
            assert again.settled.wait(60)
            kept.append(services.store.message(OWNER, again.turn.message_id))
            assert kept[-1].state == "done"
            assert_nothing_lost_or_doubled(services.store, seen(OWNER, *kept))
    finally:
        database.stop()
