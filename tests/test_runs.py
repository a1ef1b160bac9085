"""A turn runs on its own, is followed and stopped, saves itself, and never hangs the process."""

import asyncio
import gc
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from orchat.errors import OrchatError, RateLimitedError, RunInProgressError
from orchat.events import Event, Finished, Queued, TextDelta
from orchat.fair_queue import FairQueue
from orchat.runs import Run, Runs, State
from tests.waiting import until


class Script:
    """A turn that says words with pauses, and remembers how it was saved."""

    def __init__(
        self,
        words: str = "one two three",
        *,
        pause: float = 0.0,
        conversation: str = "c",
        fails: BaseException | None = None,
        silent: bool = False,
    ) -> None:
        self.owner, self.conversation_id, self.message_id = "o", conversation, "m"
        self.saved: list[tuple[State, str]] = []
        self.closed_at: float | None = None
        self.error: OrchatError | None = None
        self.settles = 0
        self._words, self._pause, self._fails, self._silent = words.split(), pause, fails, silent
        self._said: list[str] = []

    async def events(self) -> AsyncGenerator[Event]:
        try:
            for word in self._words:
                await asyncio.sleep(self._pause)
                self._said.append(word)
                yield TextDelta(word)
            if self._silent:
                await asyncio.sleep(60)
            if self._fails:
                raise self._fails
            yield Finished("stop")
        finally:
            self.closed_at = time.monotonic()

    def save(self, state: State, error: OrchatError | None) -> None:
        self.saved.append((state, " ".join(self._said)))
        self.error = error

    async def settle(self) -> None:
        self.settles += 1


@pytest.fixture
def make_runs() -> Iterator[Callable[..., Runs]]:
    made: list[Runs] = []

    def make(**options: Any) -> Runs:
        made.append(Runs(**options))
        return made[-1]

    yield make
    for runs in made:
        runs.close()


@pytest.fixture
def runs(make_runs: Callable[..., Runs]) -> Runs:
    return make_runs()


def words(run: Run, offset: int = 0) -> list[str]:
    return [event.text for batch in run.follow(offset) for event in batch if isinstance(event, TextDelta)]


def test_a_run_is_followed_to_its_end(runs: Runs) -> None:
    run = runs.start(Script(pause=0.01))
    assert words(run) == ["one", "two", "three"]
    assert run.state == "done"


def test_a_follower_can_begin_at_any_offset(runs: Runs) -> None:
    run = runs.start(Script(pause=0.01))
    assert words(run, offset=2) == ["three"]


def test_several_followers_see_the_same(runs: Runs) -> None:
    run = runs.start(Script(" ".join(map(str, range(50))), pause=0.002))
    seen: list[list[str]] = []
    followers = [threading.Thread(target=lambda: seen.append(words(run))) for _ in range(5)]
    for follower in followers:
        follower.start()
    for follower in followers:
        follower.join()
    assert seen == [[str(number) for number in range(50)]] * 5


def test_one_who_comes_after_the_end_still_reads_everything(runs: Runs) -> None:
    run = runs.start(Script())
    run.finished.wait(2)
    assert words(run) == ["one", "two", "three"]


def test_silence_gives_empty_batches_so_that_a_page_can_react(runs: Runs) -> None:
    run = runs.start(Script(silent=True))
    follower = run.follow(pace=lambda: 0.01)
    batches = [next(follower) for _ in range(20)]
    assert [] in batches
    run.stop()


def test_who_follows_is_woken_by_news_and_by_the_end(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchat.run.QUIET", 3600.0)
    run = runs.start(Script("one", pause=0.2, silent=True))
    follower = run.follow(pace=lambda: 0.0)
    seen = []
    while not any(isinstance(event, TextDelta) for event in seen):
        seen += next(follower)
    threading.Timer(0.2, run.stop).start()
    assert list(follower) == [[]]


def test_what_happens_within_one_pace_is_one_batch(runs: Runs) -> None:
    run = runs.start(Script(" ".join(map(str, range(100))), pause=0.005))
    batches = list(run.follow(pace=lambda: 0.1))
    worded = [batch for batch in batches if any(isinstance(event, TextDelta) for event in batch)]
    assert sum(map(len, worded)) >= 100
    assert len(worded) < 50


def test_the_pace_slows_down_with_the_number_of_answers_up_to_a_bound(
    make_runs: Callable[..., Runs],
) -> None:
    runs = make_runs(queue=FairQueue(500, 500))
    paces = []
    for count in (1, 50, 300):
        while (running := runs.queue.busy) < count:
            runs.start(Script(silent=True, conversation=str(running)))
            until(lambda: runs.queue.busy > running)
        paces.append(runs.pace())
    assert paces == [0.05, 0.1, 0.15]


def test_stopping_keeps_what_was_written_and_closes_the_source_at_once(runs: Runs) -> None:
    turn = Script("one two", silent=True)
    run = runs.start(turn)
    while len(run.events) < 2:
        time.sleep(0.005)
    asked = time.monotonic()
    run.stop()
    assert run.finished.wait(2)
    assert turn.closed_at is not None
    assert turn.closed_at - asked < 0.2
    assert run.state == "stopped"
    assert turn.saved[-1] == ("stopped", "one two")


def test_stopping_before_the_first_event_works_too(runs: Runs) -> None:
    turn = Script(pause=30)
    run = runs.start(turn)
    run.stop()
    assert run.finished.wait(2)
    assert turn.saved == [("stopped", "")]


def test_a_failure_is_kept_with_the_partial_answer(runs: Runs) -> None:
    turn = Script("one", fails=RateLimitedError("slow down"))
    run = runs.start(turn)
    run.finished.wait(2)
    assert (run.state, turn.saved[-1]) == ("failed", ("failed", "one"))
    assert isinstance(turn.error, RateLimitedError)


def test_a_bug_in_a_turn_ends_it_as_failed_and_is_logged(runs: Runs, caplog: pytest.LogCaptureFixture) -> None:
    turn = Script("one", fails=ZeroDivisionError("oops"))
    run = runs.start(turn)
    run.finished.wait(2)
    assert run.state == "failed"
    assert isinstance(turn.error, OrchatError)
    assert "ZeroDivisionError" in caplog.text


def test_text_is_saved_regularly_while_it_comes(make_runs: Callable[..., Runs]) -> None:
    turn = Script(" ".join(map(str, range(40))), pause=0.01)
    run = make_runs(save_every=0.05).start(turn)
    run.finished.wait(5)
    streaming = [text for state, text in turn.saved if state == "streaming"]
    assert len(streaming) >= 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(streaming))


def test_the_end_is_saved_last_and_once(make_runs: Callable[..., Runs]) -> None:
    turn = Script(" ".join(map(str, range(30))), pause=0.003)
    run = make_runs(save_every=0.003).start(turn)
    run.settled.wait(5)
    time.sleep(0.05)
    states = [state for state, _ in turn.saved]
    assert states.count("done") == 1
    assert states[-1] == "done"


def test_a_conversation_has_one_active_run(runs: Runs) -> None:
    first = runs.start(Script(silent=True))
    with pytest.raises(RunInProgressError):
        runs.start(Script())
    first.stop()
    first.finished.wait(2)
    assert words(runs.start(Script("next"))) == ["next"]


def test_other_conversations_run_beside_it(runs: Runs) -> None:
    blocked = runs.start(Script(silent=True, conversation="a"))
    assert words(runs.start(Script("hello", conversation="b"))) == ["hello"]
    assert runs.queue.busy == 1
    blocked.stop()


def test_several_answers_to_one_question_run_together_and_end_each_by_itself(runs: Runs) -> None:
    slow, quick, broken = Script(silent=True), Script("quick"), Script("x", fails=RateLimitedError("slow down"))
    first, second, third = started = runs.start_together([slow, quick, broken])
    assert words(second) == ["quick"]
    assert third.finished.wait(2)
    assert [run.state for run in started] == ["streaming", "done", "failed"]
    assert runs.together("o", "c") == started
    assert runs.find("o", "c") is first
    assert runs.is_active("o", "c")
    first.stop()
    assert first.finished.wait(2)
    assert not runs.is_active("o", "c")


def test_a_conversation_that_is_answered_by_several_takes_no_other_run_until_the_last_has_ended(runs: Runs) -> None:
    first, second = runs.start_together([Script("one"), Script(silent=True)])
    assert first.finished.wait(2)
    with pytest.raises(RunInProgressError):
        runs.start(Script())
    second.stop()
    assert second.finished.wait(2)
    assert words(runs.start(Script("next"))) == ["next"]


def test_all_that_run_together_stop_with_their_owner(runs: Runs) -> None:
    started = runs.start_together([Script(silent=True), Script(silent=True)])
    until(lambda: runs.queue.busy == 2)
    runs.stop_all_of("o")
    assert all(run.finished.wait(2) for run in started)


def test_only_the_owner_finds_a_run(runs: Runs) -> None:
    run = runs.start(Script())
    assert runs.find("o", "c") is run
    assert runs.find("somebody else", "c") is None


def test_finished_runs_are_forgotten(make_runs: Callable[..., Runs]) -> None:
    runs = make_runs(keep_finished=0.0)
    runs.start(Script(conversation="old")).settled.wait(2)
    time.sleep(0.01)
    runs.start(Script(conversation="new")).finished.wait(2)
    assert runs.find("o", "old") is None


def test_what_has_ended_a_while_ago_holds_neither_its_events_nor_its_turn(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchat.driver.LET_GO_AFTER", 0.0)
    turn = Script("a long answer")
    gone = weakref.ref(turn)
    run = runs.start(turn)
    del turn
    assert run.settled.wait(2)
    until(lambda: not run.events and gc.collect() >= 0 and gone() is None)
    assert (run.turn.owner, run.turn.conversation_id, run.turn.message_id) == ("o", "c", "m")
    assert runs.find("o", "c") is run
    assert list(run.follow()) == [[]]
    run.stop()
    assert run.state == "done"


def test_an_answer_that_has_ended_leaves_no_task_behind(runs: Runs) -> None:
    async def tasks() -> int:
        return len(asyncio.all_tasks())

    for _ in range(5):
        assert runs.start(Script()).settled.wait(2)
    until(lambda: runs.submit(tasks()).result(2) == 1)


def test_a_page_that_follows_reads_to_the_end_before_events_are_let_go(runs: Runs) -> None:
    run = runs.start(Script("one two three", pause=0.01))
    assert len([event for batch in run.follow() for event in batch]) == 4


def test_a_turn_is_settled_once_after_its_end(runs: Runs) -> None:
    turn = Script()
    run = runs.start(turn)
    assert run.settled.wait(2)
    assert turn.settles == 1


def test_closing_stops_and_saves_everything(make_runs: Callable[..., Runs]) -> None:
    runs = make_runs()
    turn = Script("kept", silent=True)
    run = runs.start(turn)
    while not run.events:
        time.sleep(0.005)
    runs.close()
    assert turn.saved[-1] == ("stopped", "kept")


def test_other_work_runs_on_the_same_loop(runs: Runs) -> None:
    async def work() -> str:
        return threading.current_thread().name

    assert runs.submit(work()).result(2) == "runs"


def test_the_process_exits_with_runs_going_on_and_saves_them() -> None:
    script = textwrap.dedent(
        """
        import asyncio, time
        from orchat.events import TextDelta
        from orchat.runs import Runs

        class Endless:
            owner, conversation_id, message_id = "o", "c", "m"
            async def events(self):
                yield TextDelta("kept")
                await asyncio.sleep(3600)
            def save(self, state, error):
                print(state, flush=True)
            async def settle(self):
                await asyncio.sleep(3600)

        run = Runs().start(Endless())
        while not run.events:
            time.sleep(0.01)
        """
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout.split()[-1] == "stopped"
    assert ended.stderr == ""


def test_following_can_be_left_at_any_time(runs: Runs) -> None:
    run = runs.start(Script(silent=True))
    follower = run.follow()
    next(follower)
    with suppress(AttributeError):
        follower.close()  # type: ignore[attr-defined]  # a generator, behind an iterator's type
    assert run.active
    run.stop()


def test_a_run_beyond_the_limit_waits_its_turn_and_says_so(make_runs: Callable[..., Runs]) -> None:
    runs = make_runs(queue=FairQueue(1, 1), save_every=0.05)
    first = runs.start(Script("one", silent=True, conversation="a"))
    second = Script("two", conversation="b")
    waiting = runs.start(second)
    until(lambda: waiting.events)
    assert waiting.events == [Queued(0)]
    # It is saved while it waits: nobody takes it for abandoned.
    until(lambda: second.saved)
    first.stop()
    assert words(waiting) == ["two"]
    assert waiting.state == "done"


def test_a_run_can_be_stopped_while_it_waits(make_runs: Callable[..., Runs]) -> None:
    runs = make_runs(queue=FairQueue(1, 1))
    first = runs.start(Script("one", silent=True, conversation="a"))
    waiting = runs.start(Script("two", conversation="b"))
    until(lambda: waiting.events)
    waiting.stop()
    assert waiting.finished.wait(10)
    assert (waiting.state, words(waiting)) == ("stopped", [])
    assert first.active


def test_a_settled_run_is_told_to_who_watches_and_a_broken_watcher_breaks_nothing(runs: Runs) -> None:
    told: list[Run] = []
    runs.watchers += [lambda run: [][len(run.events)], told.append]  # type: ignore[func-returns-value]
    run = runs.start(Script())
    until(lambda: told)
    assert told == [run]


def test_words_that_come_in_one_go_are_one_event_and_stay_in_order(runs: Runs):
    class Burst(Script):
        async def events(self) -> AsyncGenerator[Event]:
            yield TextDelta("one ")
            yield TextDelta("two ")
            yield Queued(1)
            yield TextDelta("three")
            await asyncio.sleep(0)
            yield TextDelta(" four")
            yield TextDelta(" five")

    run = runs.start(Burst())
    assert run.finished.wait(10)
    assert run.events == [TextDelta("one two "), Queued(1), TextDelta("three"), TextDelta(" four five")]
