"""Processes that die in the middle, and processes that work at once."""

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchat.search import Collection
from tests.house.tree import ROOT
from tests.search.embedders import Topics
from tests.search.worker import PAGES


def start(task: str, path: Path, name: str, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.search.worker", task, str(path), name, str(rounds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.long)])
def test_a_process_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path, rounds: int):
    path = tmp_path / "one.db"
    chance = random.Random(rounds)
    expected: set[str] = set()
    for number in range(rounds):
        process = start("write", path, f"round{number}-", 100_000)
        said = killed_after(process, chance.uniform(0.05, 0.8))
        for line in said:
            verb, name = line.split()
            (expected.add if verb == "added" else expected.discard)(name)
        found = whole_files(path)
        # What it did last may have been done and not yet said.
        assert len(found ^ expected) <= 1, found ^ expected
        expected = found
    assert expected
    with Collection.open(path, "ann", embedders=[Topics()], background=False) as collection:
        assert len(collection.search("tides", k=50)) == 50
        covered = collection.vectors.done
        assert 0 < covered <= collection.vectors.total
        collection._index._connections._idle[0].execute("UPDATE spaces SET held_until = 0")
        collection.embed_pending()
        assert collection.vectors.complete


def killed_after(process: subprocess.Popen[str], seconds: float) -> list[str]:
    """What a process said, of whole lines, until it was killed."""
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        assert process.stderr.read() == ""
        return (first + process.stdout.read()).split("\n")[:-1]


def whole_files(path: Path) -> set[str]:
    """The names of the files, after a look whether everything is sound."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    chunks = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    in_files = connection.execute("SELECT sum(end_chunk - first_chunk) FROM files").fetchone()[0]
    words = connection.execute("SELECT count(*) FROM words WHERE words MATCH 'document'").fetchone()[0]
    names = {name for (name,) in connection.execute("SELECT name FROM files")}
    connection.close()
    assert chunks == in_files == words == len(names) * PAGES
    return names


def test_two_write_and_two_read_without_an_error(tmp_path: Path):
    path = tmp_path / "one.db"
    writers = [start("write", path, name, 25) for name in ("a", "b")]
    readers = [start("read", path, "", 3) for _ in range(2)]
    for process in (*writers, *readers):
        _, errors = process.communicate(timeout=100)
        assert (process.returncode, errors) == (0, "")
    assert len(whole_files(path)) == 2 * 20
