"""The database goes away and comes back, and the disk is full: nothing that was acknowledged is lost or doubled."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from orchat.demo import DemoServer
from orchat.errors import StoreError
from orchat.store import Store
from orchat.turn import Ask
from orchat.ui import resources
from tests.faults.aftermath import Acknowledged, assert_nothing_lost_or_doubled, seen
from tests.faults.installation import Database, asked, running, said, until
from tests.ui.chat_app import OWNER, ChatApp, words


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_an_answer_survives_that_the_database_is_away_for_a_while(
    database: Database, environment: pytest.MonkeyPatch, how: signal.Signals
):
    environment.setenv("ORCHAT_DATABASE_URL", database.url)
    with running() as services:
        run = asked(services, "demo/long")
        until(lambda: len(said(run)) > 300)
        database.stop(how)
        with pytest.raises(StoreError):
            services.store.conversations(OWNER)
        before = len(said(run))
        until(lambda: len(said(run)) > before + 300)
        run.stop()
        time.sleep(1)
        database.start()
        assert run.finished.wait(60)
        assert run.state == "stopped"
        [chat] = services.store.conversations(OWNER)
        question, answer = services.chats.branch(OWNER, chat.id)
        assert (question.text, answer.state, answer.text) == ("Explain rainbows", "stopped", said(run))
        run.settled.wait(20)
        [call] = services.store.calls_of(OWNER, chat.id)
        assert (call.state, call.reserved) == ("stopped", None)
        again = services.ask(OWNER, question, Ask("demo/fast"), services.connection())
        assert again.settled.wait(30)
        assert again.state == "done"
        third = services.store.message(OWNER, again.turn.message_id)
        assert_nothing_lost_or_doubled(services.store, seen(OWNER, question, answer, third))


def test_the_page_says_that_the_database_is_away_and_works_when_it_is_back(
    database: Database, demo: DemoServer, environment: pytest.MonkeyPatch
):
    environment.setenv("ORCHAT_DATABASE_URL", database.url)
    resources.close()
    try:
        app = ChatApp(demo).open()
        app.send("Hello")
        before = app.branch
        database.stop()
        app.page.chat_input(key="prompt").set_value("Are you there?")
        app.run()
        shown = words(app.page.main)
        assert "⚠️" in shown
        assert "database" in shown.lower()
        database.start()
        app.run()
        answer = app.send("And now?") if not app.running or not app.running.active else app.settled()
        assert answer.state == "done"
        after = app.branch
        assert after[:2] == before
        assert_nothing_lost_or_doubled(app.store, seen(OWNER, *after))
        questions = [message.text for message in after if message.role == "user"]
        assert len(questions) == len(set(questions))
    finally:
        resources.close()


@pytest.fixture
def disk(environment: pytest.MonkeyPatch) -> "Disk":
    return Disk()


class Disk:
    """How many pages SQLite may write: as on a full disk it says so, and that differs from a fake."""

    most: int | None = None

    def fill(self, store: Store) -> None:
        """Let nothing more fit."""
        with store._engine.connect() as connection:
            self.most = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        self._limit(store)

    def free(self, store: Store) -> None:
        self.most = 1_000_000
        self._limit(store)

    def _limit(self, store: Store) -> None:
        # Connections of the pool are looked after when they are taken from it.
        if not event.contains(store._engine, "checkout", self._set):
            event.listen(store._engine, "checkout", self._set)

    def _set(self, connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.most}").close()


def test_an_answer_that_the_disk_has_no_room_for_is_kept_once_there_is_some(disk: Disk):
    with running() as services:
        run = asked(services, "demo/long")
        until(lambda: len(said(run)) > 200)
        disk.fill(services.store)
        until(lambda: len(said(run)) > 8000)
        run.stop()
        time.sleep(0.5)
        assert run.active, "it waits until it can be saved"
        disk.free(services.store)
        assert run.finished.wait(30)
        [chat] = services.store.conversations(OWNER)
        question, answer = services.chats.branch(OWNER, chat.id)
        assert (answer.state, answer.text) == ("stopped", said(run))
        assert_nothing_lost_or_doubled(services.store, seen(OWNER, question, answer))


def test_a_question_that_cannot_be_kept_is_refused_with_what_to_do_and_nothing_of_it_is_there(disk: Disk):
    with running() as services:
        chat = services.store.create_conversation(OWNER).id
        kept = services.chats.say(OWNER, chat, "Short", None)
        disk.fill(services.store)
        with pytest.raises(StoreError, match=r"The disk is full\.") as caught:
            services.chats.say(OWNER, chat, "Long " * 20_000, kept.id)
        assert "Free some space" in caught.value.advice
        assert services.store.branch(OWNER, chat) == [kept]
        assert_nothing_lost_or_doubled(services.store, seen(OWNER, kept))
        disk.free(services.store)
        second = services.chats.say(OWNER, chat, "Long " * 20_000, kept.id)
        assert_nothing_lost_or_doubled(services.store, seen(OWNER, kept, second))


FULL = """
import resource, sys
from orchat.errors import StoreError
from orchat.store import Store
store = Store.open(sys.argv[1])
chat = store.create_conversation("ann").id
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
parent = None
try:
    while True:
        parent = store.add_message("ann", chat, role="user", wire={"content": "x" * 50_000}, parent_id=parent).id
        print(parent, flush=True)
except StoreError as error:
    print(error.message, error.advice)
"""


def test_a_file_that_may_not_grow_any_more_loses_nothing_that_was_acknowledged(tmp_path: Path):
    import sys

    url = f"sqlite:///{tmp_path}/orchat.db"
    Store.open(url).close()
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", FULL, url], cwd=root, capture_output=True, text=True, check=True)
    *acknowledged, complaint = done.stdout.splitlines()
    assert "disk" in complaint
    with Store.open(url) as store:
        [chat] = store.conversations("ann")
        assert [message.id for message in store.all_messages("ann", chat.id)] == acknowledged
        assert len(acknowledged) > 3
        told = [Acknowledged("ann", chat.id, message, "user", "done", "x" * 50_000) for message in acknowledged]
        assert_nothing_lost_or_doubled(store, told)
