"""An OpenRouter that fails amid an answer: people are told, what they said is kept, and the next turn works."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from orchat.openrouter import RetryPolicy
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Message
from orchat.turn import Ask
from tests.faults.aftermath import assert_nothing_lost_or_doubled, seen
from tests.faults.test_upstream import FLOODS, GARBAGE, JSON_HEADERS, flood, sent
from tests.openrouter.upstream import (
    Answer,
    Connection,
    Upstream,
    answering,
    cutting_off_after,
    falling_silent_after,
    hanging_up,
    saying_nothing,
)

OWNER, MODEL = "ann", "a/b"
COST = b'{"data": {"id": "gen-1", "total_cost": 0.02, "tokens_prompt": 1, "tokens_completion": 1}}'
BEGUN = b'data: {"choices": [{"delta": {"content": "It began"}}]}\n\n'
MOST_KEPT = 40 * 2**20
"""Bytes that one answer may take in the database, of a hundred megabytes and more that are sent."""


class OnlyAnswers(Upstream):
    """An upstream whose answers are those to messages; it knows no models, and what everything has cost."""

    @contextmanager
    def down(self) -> Iterator[None]:
        """Let nobody be there for a while: connections end, and new ones are refused."""
        address = self._listening.getsockname()
        self.__exit__()
        self.connections.clear()
        yield
        self._listening = socket.create_server(address)
        threading.Thread(target=self._accept, daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with suppress(OSError), connection.raw:
            while received := self._receive(connection.raw):
                if "/chat/completions" in received.line:
                    (self.answers.pop(0) if self.answers else answering())(connection)
                elif "/generation" in received.line:
                    answering(COST, 200, JSON_HEADERS)(connection)
                else:
                    answering(b"{}", 404, JSON_HEADERS)(connection)


@pytest.fixture(scope="module")
def upstream() -> Iterator[OnlyAnswers]:
    with OnlyAnswers() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def services(upstream: OnlyAnswers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ORCHAT_DATA_DIR", str(folder))
        patch.setenv("OPENROUTER_BASE_URL", upstream.url)
        patch.setenv("OPENROUTER_API_KEY", "sk-or-v1-x")
        patch.setenv("ORCHAT_TITLE_MODEL", "none")
        services = Services(Settings.load())
    yield services
    services.close()


def ask(services: Services, chat: str, said: str, above: str | None) -> Message:
    """Say something, wait until it is answered one way or another, and return the answer as it is kept."""
    question = services.chats.say(OWNER, chat, said, above)
    connection = services.connection()
    client = connection.client.with_options(retry=RetryPolicy(attempts=1), idle_timeout=1)
    run = services.ask(OWNER, question, Ask(MODEL), replace(connection, client=client))
    assert run.settled.wait(60)
    return services.store.message(OWNER, run.turn.message_id)


def check_store(services: Services, chat: str, expected: list[str]) -> None:
    """Look that the database is sound, and that the chat holds what is expected: each message once, in this order."""
    services.store._empty_log()
    messages = services.store.branch(OWNER, chat)
    assert_nothing_lost_or_doubled(services.store, seen(OWNER, *messages))
    with services.store._engine.connect() as connection:
        of_chat = text("SELECT message_id, state FROM calls WHERE conversation_id = :id")
        entered = connection.execute(of_chat, {"id": chat}).all()
    assert [message.id for message in messages] == [one.id for one in services.store.all_messages(OWNER, chat)]
    assert [message.role for message in messages] == expected
    answers = [message.id for message in messages if message.role == "assistant"]
    assert sorted(message for message, _ in entered) == sorted(answers)
    assert "open" not in {state for _, state in entered}


def survives(services: Services, upstream: OnlyAnswers, fault: Answer | None) -> Message:
    """Have an answer fail like this (None: nobody is there), and look that nothing else has; returns the answer."""
    chat = services.store.create_conversation(OWNER).id
    upstream.answers[:] = [fault] if fault else []
    with nullcontext() if fault else upstream.down():
        failed = ask(services, chat, "What is a rainbow?", None)
    upstream.answers.clear()
    check_store(services, chat, ["user", "assistant"])
    assert services.store.branch(OWNER, chat)[0].text == "What is a rainbow?"
    assert not services.runs.is_active(OWNER, chat)
    following = ask(services, chat, "And now?", failed.id)
    assert (following.state, following.text) == ("done", "Hello.")
    check_store(services, chat, ["user", "assistant"] * 2)
    return failed


def is_told(failed: Message) -> bool:
    """Whether the answer has ended with an error that says what it was and what to do."""
    return failed.state == "failed" and bool(failed.error["message"]) and bool(failed.error["advice"])


def resetting_after(data: bytes) -> Answer:
    def answer(connection: Connection) -> None:
        connection.head()
        connection.send(data)
        connection.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.raw.close()

    return answer


FAULTS: dict[str, tuple[Answer | None, set[str]]] = {
    "is down": (None, {""}),
    "says nothing at all": (saying_nothing, {""}),
    "falls silent": (falling_silent_after(BEGUN), {"It began"}),
    "hangs up at once": (hanging_up, {""}),
    "hangs up in the middle": (cutting_off_after(BEGUN), {"It began"}),
    # A reset takes along what has come and was not read yet.
    "resets the connection": (resetting_after(BEGUN), {"It began", ""}),
    "ends without an end": (sent(BEGUN), {"It began"}),
    "ends within an event": (sent(BEGUN, BEGUN[:30]), {"It began"}),
    "breaks off with an error": (sent(BEGUN, b'data: {"error": {"code": 502, "message": "Gone"}}\n\n'), {"It began"}),
    "is something else": (answering(b"<html>Bad gateway</html>", 502, {"content-type": "text/html"}), {""}),
    "has no answer in it": (answering(b"{}", 200, JSON_HEADERS), {""}),
}
"""What goes wrong, and what of the answer has come then."""
SLOWLY = b'data: {"choices": [{"delta": {"content": "Word for word"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("fault", FAULTS)
def test_an_upstream_that_fails_is_told_of_and_nothing_is_lost_or_doubled(
    services: Services, upstream: OnlyAnswers, fault: str
):
    answer, arrived = FAULTS[fault]
    failed = survives(services, upstream, answer)
    assert is_told(failed)
    assert failed.text in arrived


def dripping(data: bytes, pieces: int, pause: float) -> Answer:
    def answer(connection: Connection) -> None:
        connection.head()
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            connection.send(data[start : start + size])
            time.sleep(pause)
        connection.end()

    return answer


def test_an_upstream_that_is_slower_than_words_and_not_silent_is_waited_for(services: Services, upstream: OnlyAnswers):
    # Each pause is shorter than the time without a byte that ends an answer, and all of them together are longer.
    slow = survives(services, upstream, dripping(SLOWLY, pieces=6, pause=0.4))
    assert (slow.state, slow.text, slow.error) == ("done", "Word for word", None)


@pytest.mark.parametrize("begun", [b"", BEGUN], ids=["at once", "in the middle"])
@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_told_of_and_nothing_is_lost_or_doubled(
    services: Services, upstream: OnlyAnswers, garbage: bytes, begun: bytes
):
    failed = survives(services, upstream, sent(begun, garbage))
    # None of these has an end.
    assert is_told(failed)


@pytest.mark.parametrize("kind", FLOODS)
def test_a_hundred_megabytes_are_told_of_and_are_not_kept(
    services: Services, upstream: OnlyAnswers, kind: str, database: Path
):
    before = database.stat().st_size
    assert is_told(survives(services, upstream, flood(kind)))
    assert database.stat().st_size - before < MOST_KEPT


@pytest.fixture
def database(services: Services) -> Path:
    return services.settings.data_dir / "orchat.db"
