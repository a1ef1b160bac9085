"""A process that works on a collection: `python -m tests.search.worker write|read PATH NAME ROUNDS`."""

import sys
import time
from pathlib import Path

from orchat.search import Collection
from tests.search.documents import add
from tests.search.embedders import Topics

PAGES = 40


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def write(collection: Collection, name: str, rounds: int) -> None:
    """Adds documents and says so after each; after every fifth an earlier one is removed."""
    for number in range(rounds):
        pages = [f"Document {name}{number}, page {page}, on cats and the tides of word{page}." for page in range(PAGES)]
        file = add(collection, f"{name}{number}", *pages)
        say(f"added {file.name}")
        if number % 5 == 4:
            gone = next(file for file in collection.files() if file.name == f"{name}{number - 4}")
            collection.remove(gone.id)
            say(f"removed {gone.name}")


def read(collection: Collection, _name: str, seconds: int) -> None:
    """Searches, and looks whether every document that it sees is whole."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        hits = collection.search("tides of cats", k=10)
        assert all(hit.text.startswith("Document") for hit in hits)
        assert all(file.chunks == PAGES for file in collection.files())
    say("read")


def main() -> None:
    task, path, name, rounds = sys.argv[1:]
    with Collection.open(Path(path), "ann", embedders=[Topics()], background=task == "write") as collection:
        say("ready")
        {"write": write, "read": read}[task](collection, name, int(rounds))


if __name__ == "__main__":
    main()
