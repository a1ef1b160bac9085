import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from orchat.store import Store

ROOT = Path(__file__).parents[2]
OPENER = """
import sys
from orchat.store import Store
import alembic.command
print("ready", flush=True)
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    store.create_conversation("ann")
"""


def test_processes_that_open_a_fresh_database_at_once_all_succeed(url: str):
    command = [sys.executable, "-c", OPENER, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * 4
    with Store.open(url) as store:
        assert len(store.conversations("ann")) == 4


def test_threads_that_open_fresh_databases_at_once_all_succeed(tmp_path: Path):
    with ThreadPoolExecutor(4) as threads:
        for store in threads.map(Store.open, [f"sqlite:///{tmp_path}/{number}.db" for number in range(4)]):
            store.close()


def test_a_reader_never_sees_half_an_answer(store: Store):
    conversation = store.create_conversation("ann")
    message = store.add_message("ann", conversation.id, role="assistant", wire={}, parent_id=None, state="streaming")

    def save() -> None:
        for number in range(1, 200):
            saved = replace(message, wire={"content": "x" * number}, completion_tokens=number)
            store.save_message("ann", saved)

    with ThreadPoolExecutor(1) as threads:
        saving = threads.submit(save)
        while not saving.done():
            (seen,) = store.branch("ann", conversation.id)
            assert len(seen.text) == (seen.completion_tokens or 0)
        saving.result()
    assert store.message("ann", message.id).completion_tokens == 199


def test_messages_added_from_many_threads_are_all_there(store: Store):
    conversation = store.create_conversation("ann")
    root = store.add_message("ann", conversation.id, role="user", wire={}, parent_id=None)

    def answer(number: int) -> str:
        wire = {"content": str(number)}
        return store.add_message("ann", conversation.id, role="assistant", wire=wire, parent_id=root.id).id

    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(answer, range(100)))
    siblings = store.siblings("ann", ids[0])
    assert {message.id for message in siblings} == set(ids)
    assert len(siblings) == 100
