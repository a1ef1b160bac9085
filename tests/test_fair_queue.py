"""The fair queue: nobody is starved, nobody is over the limit, and everybody knows their place."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from orchat.fair_queue import FairQueue


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(work())  # type: ignore[arg-type]


class Work:
    """Tasks that hold a slot until they are let go."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue = queue
        self.begun: list[str] = []
        self.places: dict[str, list[int]] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self, *names: str) -> None:
        """Start work; the letter is the owner."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.ensure_future(self._hold(name))
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)

    async def _hold(self, name: str) -> None:
        async with self.queue.slot(name[0], self.places.setdefault(name, []).append):
            self.begun.append(name)
            await self._ends[name].wait()

    async def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()
            await asyncio.sleep(0.01)

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await asyncio.sleep(0.01)


def test_no_more_than_the_limit_run_at_once():
    async def check() -> None:
        work = Work(FairQueue(at_once=2, each=2))
        await work.start("a1", "b1", "c1")
        assert work.begun == ["a1", "b1"]
        assert (work.queue.busy, work.queue.waiting) == (2, 1)
        await work.end("a1")
        assert work.begun == ["a1", "b1", "c1"]

    run(check)


def test_who_is_stopped_in_the_moment_in_which_their_turn_comes_does_not_begin():
    async def check() -> None:
        work = Work(FairQueue(at_once=1, each=1))
        await work.start("a1", "b1")
        work._ends["a1"].set()
        await asyncio.sleep(0)
        assert work.queue.waiting == 0
        assert work.begun == ["a1"]
        await work.cancel("b1")
        assert work.begun == ["a1"]
        assert work._tasks["b1"].cancelled()
        assert (work.queue.busy, work.queue.waiting) == (0, 0)

    run(check)


def test_one_owner_never_takes_more_than_their_share():
    async def check() -> None:
        work = Work(FairQueue(at_once=10, each=2))
        await work.start("a1", "a2", "a3", "b1")
        assert work.begun == ["a1", "a2", "b1"]
        await work.end("a1")
        assert work.begun[-1] == "a3"

    run(check)


def test_who_asks_for_much_delays_themselves_and_nobody_else():
    async def check() -> None:
        work = Work(FairQueue(at_once=1, each=1))
        await work.start("a1", "a2", "a3", "a4", "b1", "c1")
        for name in ("a1", "a2", "b1", "c1", "a3"):
            await work.end(name)
        assert work.begun == ["a1", "a2", "b1", "c1", "a3", "a4"]

    run(check)


def test_each_is_told_how_many_are_before_them():
    async def check() -> None:
        work = Work(FairQueue(at_once=1, each=1))
        await work.start("a1", "a2", "a3", "b1")
        assert (work.places["a2"], work.places["a3"], work.places["b1"]) == ([0], [1], [1])
        assert work.places["a1"] == []

    run(check)


def test_who_gives_up_leaves_no_gap_and_frees_no_slot_of_others():
    async def check() -> None:
        work = Work(FairQueue(at_once=1, each=1))
        await work.start("a1", "b1", "c1")
        await work.cancel("b1")
        assert (work.queue.busy, work.queue.waiting) == (1, 1)
        await work.end("a1")
        assert work.begun == ["a1", "c1"]
        await work.cancel("c1")
        assert (work.queue.busy, work.queue.waiting) == (0, 0)

    run(check)


@pytest.mark.parametrize("failure", [RuntimeError, asyncio.CancelledError])
def test_a_slot_is_given_back_whatever_happens(failure: type[BaseException]):
    async def check() -> None:
        queue = FairQueue(at_once=1, each=1)
        with pytest.raises(failure):
            async with queue.slot("a", lambda _: None):
                raise failure
        assert queue.busy == 0

    run(check)
