"""The pool: sessions by key, interpreters that wait, limits with a queue, an end for the idle."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchat.errors import SandboxBusyError, SandboxError, SandboxUnavailableError
from orchat.sandbox import Pool, Result
from orchat.sandbox.engine import Engine
from tests.waiting import until

Make = Callable[..., Pool]


@pytest.fixture
def make(engine: Engine) -> Iterator[Make]:
    pools: list[Pool] = []

    def make(**options: object) -> Pool:
        pools.append(Pool(lambda: engine, **{"warm": 0, **options}))
        return pools[-1]

    yield make
    for pool in pools:
        pool.shut_down()


def test_a_key_is_the_same_session_again(make: Make, tmp_path: Path):
    pool = make()
    pool.session("ann", "chat", tmp_path / "a").run("x = 5")
    assert pool.session("ann", "chat", tmp_path / "a").run("x").outputs[0].data == "5"


def test_a_session_is_its_owners(make: Make, tmp_path: Path):
    pool = make()
    pool.session("ann", "chat", tmp_path / "a")
    with pytest.raises(SandboxError, match="somebody else"):
        pool.session("bob", "chat", tmp_path / "a")


def test_an_interpreter_that_waited_takes_the_sessions_folder_with_its_files(make: Make, tmp_path: Path):
    pool = make(warm=1)
    pool.prepare()
    until(lambda: len(pool._warm._ready) == 1)
    early = pool._warm._ready[0].kernel
    workspace = tmp_path / "a"
    workspace.mkdir()
    (workspace / "in.csv").write_text("a,b")
    box = pool.session("ann", "chat", workspace)
    result = box.run(
        "import os\nopen('out', 'w').write(os.environ['HOME'])\nprint(open('in.csv').read(), os.listdir('.'))"
    )
    assert box._kernel is early
    assert result.stdout.startswith("a,b")
    assert result.files == ("out",)
    assert (workspace / "out").exists()
    assert sorted(box.files) == ["in.csv", "out"]
    assert box.run("with open(os.path.expanduser('~/home'), 'w') as f: f.write('x')").error is None
    assert (workspace / "home").exists()
    until(lambda: len(pool._warm._ready) == 1)


def test_a_folder_with_more_than_files_gets_an_interpreter_of_its_own(make: Make, tmp_path: Path):
    pool = make(warm=1)
    pool.prepare()
    until(lambda: len(pool._warm._ready) == 1)
    (tmp_path / "a" / "inner").mkdir(parents=True)
    (tmp_path / "a" / "inner" / "file").write_text("kept")
    box = pool.session("ann", "chat", tmp_path / "a")
    assert box.run("print(open('inner/file').read())").stdout == "kept\n"
    assert len(pool._warm._ready) == 1


def test_an_owners_oldest_idle_interpreter_makes_room_and_says_so_later(make: Make, tmp_path: Path):
    pool = make(per_owner=2)
    boxes = [pool.session("ann", name, tmp_path / name) for name in "abc"]
    for box in boxes:
        box.run("x = 1\nopen('file', 'w').close()")
    assert [box.alive for box in boxes] == [False, True, True]
    result = boxes[0].run("import os\nprint(os.listdir('.'))")
    assert result.fresh
    assert result.stdout == "['file']\n"


def test_who_finds_all_at_work_waits_for_one_and_not_for_ever(make: Make, tmp_path: Path):
    pool = make(total=1, wait_at_most=0.5)
    first, second = (pool.session(name, name, tmp_path / name) for name in ("ann", "bob"))
    running = threading.Thread(target=first.run, args=("import time; time.sleep(3)",))
    running.start()
    until(lambda: first.alive and first.busy)
    with pytest.raises(SandboxBusyError, match="none became free"):
        second.run("1")
    first.interrupt()
    running.join()
    assert second.run("1").outputs[0].data == "1"
    assert not first.alive


def test_who_waits_can_be_stopped(make: Make, tmp_path: Path):
    pool = make(total=1)
    first, second = (pool.session(name, name, tmp_path / name) for name in ("ann", "bob"))
    running = threading.Thread(target=first.run, args=("import time; time.sleep(60)",))
    running.start()
    until(lambda: first.alive and first.busy)
    results: list[Result] = []
    waiting = threading.Thread(target=lambda: results.append(second.run("1")))
    waiting.start()
    until(lambda: len(pool._places._queue) == 1)
    second.interrupt()
    waiting.join(10)
    assert results[0].interrupted
    assert not pool._places._queue
    first.interrupt()
    running.join()
    assert second.run("1").outputs[0].data == "1"


def test_who_waits_for_his_own_holds_nobody_up(make: Make, tmp_path: Path):
    pool = make(per_owner=1, total=2)
    busy = pool.session("ann", "1", tmp_path / "1")
    running = threading.Thread(target=busy.run, args=("import time; time.sleep(2)",))
    running.start()
    until(lambda: busy.alive and busy.busy)
    order: list[str] = []

    def run(owner: str, key: str) -> None:
        pool.session(owner, key, tmp_path / key).run("1")
        order.append(owner)

    waiting = [threading.Thread(target=run, args=("ann", "2"))]
    waiting[0].start()
    until(lambda: len(pool._places._queue) == 1)
    waiting.append(threading.Thread(target=run, args=("bob", "3")))
    waiting[1].start()
    for thread in (*waiting, running):
        thread.join()
    assert order == ["bob", "ann"]


def test_nobody_has_more_than_the_limits_however_many_ask(make: Make, tmp_path: Path):
    pool = make(per_owner=2, total=3)
    most = 0

    def ask(number: int) -> None:
        nonlocal most
        box = pool.session(f"owner{number % 4}", str(number), tmp_path / str(number))
        assert box.run("1 + 1").outputs[0].data == "2"
        most = max(most, len(pool._live()))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= 3


def test_an_idle_interpreter_ends_and_its_files_stay(make: Make, tmp_path: Path):
    pool = make(idle_after=0.3)
    box = pool.session("ann", "chat", tmp_path / "a")
    box.run("open('file', 'w').close()")
    until(lambda: not box.alive)
    assert (tmp_path / "a" / "file").exists()
    assert box.run("1").fresh


def test_a_cell_that_runs_is_not_idle(make: Make, tmp_path: Path):
    pool = make(idle_after=0.2)
    result = pool.session("ann", "chat", tmp_path / "a").run("import time; time.sleep(1); 5")
    assert result.outputs[0].data == "5"


def test_closing_a_key_ends_its_interpreter(make: Make, tmp_path: Path):
    pool = make()
    box = pool.session("ann", "chat", tmp_path / "a")
    box.run("open('file', 'w').close()")
    pool.close("chat")
    assert not box.alive
    assert (tmp_path / "a" / "file").exists()
    assert pool.session("ann", "chat", tmp_path / "a") is not box


async def test_after_its_end_there_are_no_sessions(make: Make, tmp_path: Path):
    pool = make(warm=1)
    box = pool.session("ann", "chat", tmp_path / "a")
    await box.arun("1")
    await pool.aclose()
    assert not box.alive
    with pytest.raises(SandboxError, match="shut down"):
        pool.session("ann", "chat", tmp_path / "a")


def test_where_nothing_can_run_code_a_session_says_so(tmp_path: Path):
    def no_engine() -> Engine:
        raise SandboxUnavailableError("Code cannot be run here.")

    pool = Pool(no_engine)
    with pytest.raises(SandboxUnavailableError):
        pool.session("ann", "chat", tmp_path)
    pool.shut_down()


def test_an_interpreter_lives_on_when_the_thread_that_asked_for_it_ends(make: Make, tmp_path: Path):
    """A page's thread ends with every rerun, and the kernel ends children whose parent thread has ended."""
    pool = make()
    box = pool.session("ann", "chat", tmp_path / "a")
    asking = threading.Thread(target=box.run, args=("x = 5",))
    asking.start()
    asking.join()
    time.sleep(0.3)
    result = box.run("x")
    assert result.outputs[0].data == "5"
    assert not result.fresh
