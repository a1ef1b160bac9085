"""Two replicas of the whole product, one of them a process of its own, on one PostgreSQL."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from orchat.continuing import INSTRUCTION, can_go_on, go_on
from orchat.demo import DemoServer
from orchat.errors import RunInProgressError, SearchError
from orchat.events import TextDelta
from orchat.runs import Run
from orchat.services import Services
from orchat.turn import Ask
from tests.relay.replica import OWNER
from tests.waiting import until

CUT_OFF_WITHIN = 30.0


@contextmanager
def answering(chat: str, model: str = "demo/long") -> Iterator["subprocess.Popen[str]"]:
    """A replica that answers in a chat, and has begun to."""
    command = [sys.executable, "-m", "tests.relay.replica", chat, model]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            while int(process.stdout.readline()) < 100:
                pass
            yield process
        finally:
            process.kill()


def found(services: Services, chat: str) -> Run:
    until(lambda: services.runs.is_active(OWNER, chat))
    run = services.runs.find(OWNER, chat)
    assert run is not None
    return run


def test_without_pgvector_chats_go_on_without_documents(here: Services):
    assert not here.library.has_any(OWNER, here.store.create_conversation(OWNER).id)
    with pytest.raises(SearchError, match="lacks the extension pgvector"):
        here.library.check()


def test_an_answer_of_another_process_is_followed_live_and_stopped(here: Services):
    chat = here.store.create_conversation(OWNER).id
    with answering(chat) as process:
        text, run = "", found(here, chat)
        question = here.store.branch(OWNER, chat)[0]
        with pytest.raises(RunInProgressError):
            here.ask(OWNER, question, Ask("demo/fast"), here.connection())
        for batch in run.follow():
            text += "".join(event.text for event in batch if isinstance(event, TextDelta))
            if len(text) > 1000:
                run.stop()
        until(run.settled.is_set)
        kept = here.chats.branch(OWNER, chat)[-1]
        assert (kept.state, kept.text) == ("stopped", text)
        process.communicate("", timeout=20)
        assert process.returncode == 0
    run = here.ask(OWNER, question, Ask("demo/fast"), here.connection())
    assert run.finished.wait(20)
    assert run.state == "done"


def test_what_a_killed_process_wrote_is_cut_off_within_half_a_minute_and_goes_on_here_or_is_asked_again(
    here: Services, demo: DemoServer
):
    chat = here.store.create_conversation(OWNER).id
    with answering(chat) as process:
        run = found(here, chat)
        follower = run.follow()
        while not here.chats.branch(OWNER, chat)[-1].text:
            next(follower)
        process.kill()
        killed_at = time.monotonic()
        until(lambda: here.chats.branch(OWNER, chat)[-1].state == "cut_off", CUT_OFF_WITHIN)
        assert time.monotonic() - killed_at < CUT_OFF_WITHIN
    until(lambda: not run.active)
    question, cut = here.chats.branch(OWNER, chat)
    assert can_go_on(cut)

    rest = here.ask(OWNER, go_on(here.store, OWNER, cut.id), Ask("demo/fast"), here.connection())
    assert rest.finished.wait(20)
    kept = here.chats.branch(OWNER, chat)
    assert [message.state for message in kept] == ["done", "cut_off", "done", "done"]
    assert kept[1].text == cut.text
    assert kept[3].text
    asked = [message["content"] for message in demo.requests[-1].body["messages"]]
    assert asked == [question.text, cut.text, INSTRUCTION]

    again = here.ask(OWNER, question, Ask("demo/fast"), here.connection())
    assert again.finished.wait(20)
    assert [message.state for message in here.chats.branch(OWNER, chat)] == ["done", "done"]
