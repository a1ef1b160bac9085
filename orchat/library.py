"""The library: the collections of documents that a conversation can search, opened when they are needed."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from orchat.errors import SearchError
from orchat.ledger import Ledger
from orchat.temporary import is_temporary

if TYPE_CHECKING:
    from orchat.openrouter import OpenRouterClient
    from orchat.openrouter.rules import RulesNow
    from orchat.search.collection import Collection
    from orchat.search.embedding import Embedder, Reranker
    from orchat.search.scans import ScanReader
    from orchat.settings import Settings
    from orchat.store import Store

log = logging.getLogger(__name__)
SHARED_OWNER = "@shared"
"""Whose the shared collection is: no login gives anybody a name like this."""
OF_CHAT = "chat-"
MEMORY = ":memory:"
IDLE_AFTER = 600.0
"""Seconds after which a collection that nobody asks for is closed; a search never takes as long."""


class Shelf(StrEnum):
    """Where documents stand: with one chat, with all of a person's, or with everybody's."""

    CHAT = "chat"
    OWN = "own"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Helpers:
    """What computes vectors for a collection, what sorts its passages anew, and what reads pages without text."""

    embedders: "Sequence[Embedder]" = ()
    reranker: "Reranker | None" = None
    scans: "ScanReader | None" = None

    def counted(self, store: "Store", owner: str, conversation_id: str | None) -> "Helpers":
        """Return the same with requests to OpenRouter entered in the ledger; what runs here costs nothing."""
        from orchat.search.embedding.openrouter import OpenRouterEmbedder, OpenRouterReranker
        from orchat.search.file_parser import FileParser

        books = Ledger(store, owner, conversation_id, kind="embedding")
        embedders = [
            embedder.counted(books) if isinstance(embedder, OpenRouterEmbedder) else embedder
            for embedder in self.embedders
        ]
        reranker = self.reranker
        if isinstance(reranker, OpenRouterReranker):
            reranker = reranker.counted(books.of("rerank"))
        scans = self.scans
        if isinstance(scans, FileParser):
            scans = scans.counted(books.of("scan"))
        return Helpers(embedders, reranker, scans)


class Library:
    """All collections of an installation, in a folder of files or in PostgreSQL. Thread-safe."""

    def __init__(
        self,
        place: Path | str,
        helpers: Callable[[str, str | None], Helpers] = lambda _owner, _conversation_id: Helpers(),
        let_go: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`place` is a folder or the address of a database.

        `helpers` are asked for with each collection, by its owner and the chat that it belongs to; `let_go` is called
        when the library has closed all of them.
        """
        self._place = place
        self._helpers = helpers
        self._let_go = let_go
        self._clock = clock
        self._open: dict[tuple[str, str], tuple[Collection, float]] = {}
        self._lock = threading.Lock()

    @classmethod
    def of_settings(cls, settings: "Settings", store: "Store", rules: "RulesNow | None" = None) -> "Library":
        """Return the library of an installation; what it asks OpenRouter is entered in the ledger of `store`.

        `rules` say what the operator forbids.
        """
        url = settings.database_url
        place = url.get_secret_value() if url else settings.data_dir / "documents"
        client = client_of(settings, rules)
        # One for all collections: a model takes its memory once.
        common = cache(
            lambda: Helpers(embedders_of(settings, client), reranker_of(settings, client), scans_of(settings, client))
        )
        return cls(
            place,
            lambda owner, conversation_id: common().counted(store, owner, conversation_id),
            client.close if client else lambda: None,
        )

    def of(self, shelf: Shelf, owner: str, conversation_id: str = "") -> "Collection":
        """Return a collection, and make it where there is none; one of a chat needs the chat's id.

        Raises:
            NotFoundError: the chat is somebody else's.
            SearchError: it cannot be opened.
        """
        from orchat.search.collection import Collection

        owner = SHARED_OWNER if shelf is Shelf.SHARED else owner
        name = _name(shelf, conversation_id)
        with self._lock:
            collection, _ = self._open.get((owner, name), (None, 0.0))
            if collection is None:
                where = MEMORY if _in_memory(name) else self._path(owner, name) or str(self._place)
                helpers = self._helpers(owner, conversation_id if shelf is Shelf.CHAT else None)
                collection = Collection.open(
                    where,
                    owner,
                    name=name,
                    embedders=helpers.embedders,
                    reranker=helpers.reranker,
                    # Never of a chat, which may want zero data retention.
                    scans=None if shelf is Shelf.CHAT else helpers.scans,
                )
            self._open[owner, name] = collection, self._clock()
            return collection

    def in_reach(self, owner: str, conversation_id: str) -> "dict[Shelf, Collection]":
        """Return the collections that a conversation can search; those that nobody has begun are left out."""
        return {
            shelf: self.of(shelf, owner, conversation_id)
            for shelf in Shelf
            if (conversation_id or shelf is not Shelf.CHAT) and self._is_there(shelf, owner, conversation_id)
        }

    def original(self, shelf: Shelf, owner: str, conversation_id: str, file: str) -> bytes:
        """Return a file as it was added.

        Raises:
            NotFoundError: there is none with this id.
        """
        return self.of(shelf, owner, conversation_id).original(file)

    def has_any(self, owner: str, conversation_id: str) -> bool:
        """Whether a conversation can reach a document, read or not."""
        try:
            return any(collection.status() for collection in self.in_reach(owner, conversation_id).values())
        except SearchError as error:
            # A database without pgvector, say: chats go on without documents, and the files page says why.
            log.warning("Documents cannot be searched: %s", error.message)
            return False

    def _is_there(self, shelf: Shelf, owner: str, conversation_id: str) -> bool:
        if shelf is Shelf.CHAT and is_temporary(conversation_id):
            with self._lock:
                return (owner, _name(shelf, conversation_id)) in self._open
        path = self._path(SHARED_OWNER if shelf is Shelf.SHARED else owner, _name(shelf, conversation_id))
        return path is None or path.exists()

    def _path(self, owner: str, name: str) -> Path | None:
        """Return where a collection's file is; None in PostgreSQL. Owners may be called anything: they are hashed."""
        if isinstance(self._place, str):
            return None
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._place / f"{name}-{_hashed(owner)}.db"

    def forget(self, places: Iterable[tuple[str, str]], shelf: Shelf = Shelf.CHAT) -> None:
        """Remove the documents of chats that are gone, or of people's own shelves: by owner and conversation id."""
        for owner, conversation_id in places:
            name = _name(shelf, conversation_id)
            if not self._is_there(shelf, owner, conversation_id):
                continue
            collection = self.of(shelf, owner, conversation_id)
            for status in collection.status():
                collection.remove(status.id)
            with self._lock:
                self._open.pop((owner, name), None)
            collection.close()
            if not is_temporary(conversation_id) and (path := self._path(owner, name)) is not None:
                for file in path.parent.glob(f"{path.name}*"):
                    file.unlink(missing_ok=True)

    def kept_bytes(self, owner: str) -> int:
        """How many bytes a person's documents take, their own and those of their chats, read or waiting."""
        if isinstance(self._place, str):
            from orchat.search.postgresql.size import kept_bytes

            return kept_bytes(self._place, owner)
        if not self._place.is_dir():
            return 0
        return sum(file.stat().st_size for file in self._place.glob(f"*-{_hashed(owner)}.db*"))

    def keep(self, owner: str, conversation_id: str, kept_id: str) -> None:
        """Copy the documents of a temporary chat to the shelf of one that is kept.

        In PostgreSQL they are read anew and get other ids: what cites them there shows its text and not the page.
        """
        if not self._is_there(Shelf.CHAT, owner, conversation_id):
            return
        documents = self.of(Shelf.CHAT, owner, conversation_id)
        if (path := self._path(owner, _name(Shelf.CHAT, kept_id))) is not None:
            documents.copy_to(path)
        else:
            files = [(file.name, documents.original(file.id)) for file in documents.files()]
            self.of(Shelf.CHAT, owner, kept_id).add(files)

    def close_idle(self) -> None:
        """Close what nobody has asked for in a while; it is opened again when somebody does."""
        before = self._clock() - IDLE_AFTER
        with self._lock:
            # Closed, one in memory would be gone.
            idle = [key for key, (_, used) in self._open.items() if used < before and not _in_memory(key[1])]
            closing = [self._open.pop(key)[0] for key in idle]
        for collection in closing:
            collection.close()

    def close(self) -> None:
        """Close all collections; what is not read yet is read next time."""
        with self._lock:
            closing = [collection for collection, _ in self._open.values()]
            self._open.clear()
        for collection in closing:
            collection.close()
        self._let_go()


def _hashed(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


def _name(shelf: Shelf, conversation_id: str) -> str:
    return f"{OF_CHAT}{conversation_id}" if shelf is Shelf.CHAT else str(shelf)


def _in_memory(name: str) -> bool:
    return is_temporary(name.removeprefix(OF_CHAT))


def embedders_of(settings: "Settings", client: "OpenRouterClient | None") -> "Sequence[Embedder]":
    """Return what computes the vectors of documents: nothing if that is off, or needs a key that is not there."""
    if settings.embeddings == "local":
        from orchat.search.embedding.minilm import MiniLM

        return (MiniLM(),)
    if settings.embeddings == "off" or client is None:
        return ()
    from orchat.search.embedding.openrouter import OpenRouterEmbedder

    return (OpenRouterEmbedder(client, settings.embeddings),)


def reranker_of(settings: "Settings", client: "OpenRouterClient | None") -> "Reranker | None":
    """Return what sorts found passages anew; None if that is not wanted, or needs a key that is not there."""
    if not settings.reranker or client is None:
        return None
    from orchat.search.embedding.openrouter import OpenRouterReranker

    return OpenRouterReranker(client, settings.reranker)


def scans_of(settings: "Settings", client: "OpenRouterClient | None") -> "ScanReader | None":
    """Return what reads scans; None if that is not wanted, or needs a key that is not there.

    Zero data retention does not cover it; where that is required for everybody, the client refuses.
    """
    if not settings.scans or client is None:
        return None
    from orchat.openrouter import Routing
    from orchat.search.file_parser import FileParser

    return FileParser(client.with_options(routing=Routing()), settings.scans)


def client_of(settings: "Settings", rules: "RulesNow | None" = None) -> "OpenRouterClient | None":
    """Return the client that documents go out with, if they go out at all."""
    wanted = settings.reranker or settings.scans or settings.embeddings not in {"local", "off"}
    if not wanted or settings.api_key is None:
        return None
    from orchat.openrouter import OpenRouterClient, Routing

    client = OpenRouterClient(
        settings.api_key.get_secret_value(),
        base_url=settings.base_url,
        # Whatever a chat asks for: a document may be read in one that wants zero data retention.
        routing=Routing(zdr=True),
    )
    return client if rules is None else client.with_options(rules=rules)
