"""What was acknowledged survives `kill -9` at any moment."""

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from orchat.store import Store

ROOT = Path(__file__).parents[2]
SAVER = """
import sys
from dataclasses import replace
from orchat.store import Store
store = Store.open(sys.argv[1])
conversation = store.create_conversation("ann")
question = store.add_message("ann", conversation.id, role="user", wire={"content": "?"}, parent_id=None)
answer = store.add_message(
    "ann", conversation.id, role="assistant", wire={}, parent_id=question.id, state="streaming"
)
number = 0
while True:
    number += 1
    store.save_message("ann", replace(answer, wire={"content": "word " * number}, completion_tokens=number))
    print(conversation.id, number, flush=True)
"""


@pytest.mark.parametrize("attempt", range(5))
def test_killing_a_process_while_it_saves_loses_nothing_acknowledged(url: str, attempt: int):
    saves = random.Random(attempt).randint(1, 300)
    Store.open(url).close()
    with subprocess.Popen([sys.executable, "-c", SAVER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(saves):
            process.stdout.readline()
        process.kill()
        last_line = process.stdout.read().rpartition("\n")[0].rpartition("\n")[2]
    with Store.open(url) as store:
        (conversation,) = store.conversations("ann")
        acknowledged = int(last_line.split()[1]) if last_line else saves
        question, answer = store.branch("ann", conversation.id)
        assert question.text == "?"
        assert answer.completion_tokens in (acknowledged, acknowledged + 1)
        assert answer.text == "word " * answer.completion_tokens
        assert store.recover(timedelta(0)) == 1
        assert store.message("ann", answer.id).state == "cut_off"
        assert_sound(store)


def assert_sound(store: Store) -> None:
    if store._engine.dialect.name == "sqlite":
        with store._engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
