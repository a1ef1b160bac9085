"""The database in memory is closed under the hands of those who use it: they end first, and nobody comes after."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from orchat.errors import StoreError
from orchat.store.temporary import MemoryStore

ROOT = Path(__file__).parents[2]
TALKERS = """
import threading
from orchat.errors import StoreError
from orchat.store.temporary import MemoryStore

def talk(store, told):
    chat = store.create_conversation("ann").id
    try:
        while True:
            store.add_message("ann", chat, role="user", wire={"content": "word " * 5000}, parent_id=None)
            store.all_messages("ann", chat)
            told.set()
    except StoreError as error:
        assert "closed" in error.message, error.message

for _ in range(20):
    store, told = MemoryStore.in_memory(), [threading.Event() for _ in range(4)]
    threads = [threading.Thread(target=talk, args=(store, one)) for one in told]
    for thread in threads:
        thread.start()
    for one in told:
        one.wait()
    store.close()
    for thread in threads:
        thread.join()
print("whole")
"""


def test_a_process_outlives_that_temporary_chats_are_closed_while_threads_use_them():
    ended = subprocess.run([sys.executable, "-c", TALKERS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "whole\n", "")


def test_closing_waits_for_what_is_being_written():
    store, done = MemoryStore.in_memory(), []
    closing = threading.Thread(target=lambda: (store.close(), done.append("closed")))
    with store._writing() as connection:
        closing.start()
        connection.exec_driver_sql("SELECT 1").all()
        done.append("written")
    closing.join()
    assert done == ["written", "closed"]


def test_what_comes_after_the_end_hears_that_temporary_chats_are_closed():
    store = MemoryStore.in_memory()
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.create_conversation("ann")
