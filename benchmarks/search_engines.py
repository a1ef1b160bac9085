"""The engines whose search is compared, each in a process of its own.

`python search_engines.py NAME FOLDER` reads orders from its input, a line of JSON each, and answers each with a line
of `answer: ` and JSON:

- `{"index": N}` indexes N made-up chunks and answers with the seconds of CPU that took;
- `{"corpus": PATH}` indexes a labelled corpus, and answers likewise;
- `{"queries": [...], "k": K}` answers with the median milliseconds of CPU of a query and the ids that each found;
- `{"made up": N}` is the same for N made-up queries.

It imports only the engine that it is asked for: peers run it with the Python of their own environment.
"""

import gzip
import json
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import made_up_text

Text = tuple[str, str, str]
"""Id, title and text."""
PER_DOCUMENT = 500
"""Made-up chunks in one document."""


class PlainFTS5:
    """SQLite's full-text search as it comes: no stemmer, any of the words, its own BM25."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepared(self, texts: Iterable[Text]) -> Any:
        """Texts as this engine takes them."""
        return list(texts)

    def index(self, rows: Any, name: str) -> None:
        """Make an index under this name, which searches go to from now on."""
        self._connection = sqlite3.connect(self._folder / f"{name}.db")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("CREATE VIRTUAL TABLE texts USING fts5 (id UNINDEXED, title, text)")
        with self._connection:
            self._connection.executemany("INSERT INTO texts VALUES (?, ?, ?)", rows)

    def search(self, query: str, k: int) -> list[str]:
        """The ids of the best texts."""
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(re.findall(r"\w+", query)))
        found = self._connection.execute("SELECT id FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?", (words, k))
        return [id_ for (id_,) in found]


class LanceDBAtOnce:
    """LanceDB's full-text index with its defaults (stemming, English stop words), made when all rows are in."""

    def __init__(self, folder: Path) -> None:
        import lancedb

        self._database = lancedb.connect(folder)

    def prepared(self, texts: Iterable[Text]) -> Any:
        """Texts as this engine takes them."""
        return [{"id": id_, "text": f"{title}\n{text}"} for id_, title, text in texts]

    def index(self, rows: Any, name: str) -> None:
        """Make an index under this name, which searches go to from now on."""
        from lancedb.index import FTS

        self._table = self._database.create_table(name.replace(" ", "-"), rows)
        self._table.create_index("text", config=FTS())

    def search(self, query: str, k: int) -> list[str]:
        """The ids of the best texts."""
        found = self._table.search(query, query_type="fts").limit(k).select(["id", "_score"]).to_list()
        return [row["id"] for row in found]


class LanceDB(LanceDBAtOnce):
    """The same for documents that come one after the other, each of which is in the index before the next one comes."""

    def index(self, rows: Any, name: str) -> None:
        """Make an index under this name, which searches go to from now on."""
        documents = [list(group) for _, group in groupby(rows, key=itemgetter("id"))]
        super().index(documents[0], name)
        for document in documents[1:]:
            self._table.add(document)
            self._table.optimize()


class Orchat:
    """A collection in a file, by words."""

    embedders: tuple[Any, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepared(self, texts: Iterable[Text]) -> Any:
        """Texts as this engine takes them."""
        from orchat.search import Chunk, Parsed, Part, Place

        documents = []
        for id_, title, pages in _documents(texts):
            chunks = [Chunk(text, Place("page", number + 1), number, 0, len(text)) for number, text in enumerate(pages)]
            parts = tuple(Part(chunk.text, chunk.place) for chunk in chunks)
            documents.append((id_, Parsed("text/plain", parts, title, len(parts)), chunks))
        return documents

    def index(self, rows: Any, name: str) -> None:
        """Make an index under this name, which searches go to from now on."""
        from orchat.search import Collection

        path = self._folder / f"{name}.db"
        self._collection = Collection.open(path, "benchmark", embedders=self.embedders, background=False)
        for id_, parsed, chunks in rows:
            self._collection.add_document(id_, id_.encode(), "text/plain", parsed, chunks)

    def search(self, query: str, k: int) -> list[str]:
        """The ids of the best texts."""
        return [hit.name for hit in self._collection.search(query, k)]


class OrchatHybrid(Orchat):
    """The same with vectors. Those of made-up chunks are made up too: a scan takes as long over any numbers."""

    def index(self, rows: Any, name: str) -> None:
        """Make an index under this name, which searches go to from now on."""
        from orchat.search.embedding.minilm import MiniLM

        self.embedders = (MiniLM() if name == "corpus" else _made_up_vectors(),)
        super().index(rows, name)
        self._collection.embed_pending()


def _made_up_vectors() -> Any:
    import numpy as np

    from orchat.search.embedding.minilm import MiniLM

    class MadeUp(MiniLM):
        random = np.random.default_rng(3)
        floor = -1.0

        def embed(self, texts: Any) -> Any:
            return self.random.standard_normal((len(texts), 384)).astype(np.float32)

        def embed_query(self, text: str) -> Any:
            return MiniLM.embed(self, [text])[0]

    return MadeUp()


ENGINES: dict[str, Callable[[Path], Any]] = {
    "FTS5": PlainFTS5,
    "LanceDB": LanceDB,
    "LanceDB, at once": LanceDBAtOnce,
    "orchat, words": Orchat,
    "orchat": OrchatHybrid,
}


def _documents(texts: Iterable[Text]) -> Iterator[tuple[str, str, list[str]]]:
    """Texts with the same id as one document of several pages."""
    id_, title, pages = "", "", []
    for next_id, next_title, text in texts:
        if next_id != id_ and pages:
            yield id_, title, pages
            pages = []
        id_, title = next_id, next_title
        pages.append(text)
    if pages:
        yield id_, title, pages


def _made_up(count: int) -> list[Text]:
    return [(f"document-{place // PER_DOCUMENT}", "", text) for place, text in enumerate(made_up_text.chunks(count))]


def _corpus(path: str) -> list[Text]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        documents = json.load(file)["docs"]
    return [(id_, document["title"], document["text"]) for id_, document in documents.items()]


def _obey(engine: Any, order: dict[str, Any], number: int) -> Any:
    if "index" in order or "corpus" in order:
        texts = _corpus(order["corpus"]) if "corpus" in order else _made_up(order["index"])
        rows = engine.prepared(texts)
        began = time.process_time()
        engine.index(rows, "corpus" if "corpus" in order else f"made-up-{number}")
        return time.process_time() - began
    queries = made_up_text.queries(order["made up"]) if "made up" in order else order["queries"]
    engine.search(queries[0], 10)
    spent, found = [], []
    for query in queries:
        began = time.process_time()
        found.append(engine.search(query, order.get("k", 10)))
        spent.append(time.process_time() - began)
    return {"ms": median(spent) * 1e3, "found": found}


def main() -> None:
    """Obey orders until there are no more."""
    name, folder = sys.argv[1:]
    engine = ENGINES[name](Path(folder))
    print("ready", flush=True)
    for number, line in enumerate(sys.stdin):
        print(f"answer: {json.dumps(_obey(engine, json.loads(line), number))}", flush=True)


if __name__ == "__main__":
    main()
