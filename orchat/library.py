"""The library: the collections of documents that a conversation can search, opened when they are needed."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchat.errors import SearchError
from orchat.library_helpers import Helpers, client_of, embedders_of, reranker_of, scans_of
from orchat.search.file_name import file_name, hashed
from orchat.temporary import is_temporary

if TYPE_CHECKING:
    from orchat.openrouter.rules import RulesNow
    from orchat.search.collection import Collection
    from orchat.search.postgresql.holdings import Holdings
    from orchat.settings import Settings
    from orchat.store import Store

log = logging.getLogger(__name__)
SHARED_OWNER = "@shared"
"""Whose the shared collection is: no login gives anybody a name like this."""
OF_CHAT = "chat-"
FOLDER = "documents"
"""Where collections that are files lie, in the data folder."""
MEMORY = ":memory:"
IDLE_AFTER = 600.0
"""Seconds after which a collection that nobody asks for is closed; a search never takes as long."""


class Shelf(StrEnum):
    """Where documents stand: with one chat, with all of a person's, or with everybody's."""

    CHAT = "chat"
    OWN = "own"
    SHARED = "shared"


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
        client = client_of(settings, rules)
        # One for all collections: a model takes its memory once.
        common = cache(
            lambda: Helpers(embedders_of(settings, client), reranker_of(settings, client), scans_of(settings, client))
        )
        return cls(
            cls.place_of(settings),
            lambda owner, conversation_id: common().counted(store, owner, conversation_id),
            client.close if client else lambda: None,
        )

    @staticmethod
    def place_of(settings: "Settings") -> Path | str:
        """Return where an installation keeps documents: a folder, or the address of a database."""
        return settings.documents_url or settings.data_dir / FOLDER

    def of(self, shelf: Shelf, owner: str, conversation_id: str = "") -> "Collection":
        """Return a collection, and make it where there is none; one of a chat needs the chat's id.

        Raises:
            NotFoundError: the chat is somebody else's.
            SearchError: it cannot be opened.
        """
        from orchat.search.collection import Collection

        owner, name = _place(shelf, owner, conversation_id)
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
        """Return the collections that a conversation can search; those that nobody has begun are left out.

        Raises:
            SearchError: they cannot be opened.
        """
        return {shelf: self.of(shelf, owner, conversation_id) for shelf in self._begun(owner, conversation_id)}

    def original(self, shelf: Shelf, owner: str, conversation_id: str, file: str) -> bytes:
        """Return a file as it was added.

        Raises:
            NotFoundError: there is none with this id.
        """
        return self.of(shelf, owner, conversation_id).original(file)

    def check(self) -> None:
        """Raise SearchError where documents cannot be kept at all: PostgreSQL is away, or lacks pgvector."""
        if self._holdings is not None:
            self._holdings.check()

    def has_any(self, owner: str, conversation_id: str) -> bool:
        """Whether a conversation can reach a document, read or not."""
        try:
            if self._holdings is not None:
                return bool(self._begun(owner, conversation_id))
            return any(collection.status() for collection in self.in_reach(owner, conversation_id).values())
        except SearchError as error:
            # A database that is away, say: chats go on without documents, and the files page says why.
            log.warning("Documents cannot be searched: %s", error.message)
            return False

    @cached_property
    def _holdings(self) -> "Holdings | None":
        """What tells of the collections in PostgreSQL; None where they are files."""
        if not isinstance(self._place, str):
            return None
        from orchat.search.postgresql.holdings import Holdings

        return Holdings(self._place)

    def _begun(self, owner: str, conversation_id: str, shelves: Iterable[Shelf] = Shelf) -> list[Shelf]:
        """Return those of the shelves that somebody has put something on; one that is not open is not opened."""
        wanted = [shelf for shelf in shelves if conversation_id or shelf is not Shelf.CHAT]
        places = {shelf: _place(shelf, owner, conversation_id) for shelf in wanted}
        in_memory = is_temporary(conversation_id)
        kept = {shelf: place for shelf, place in places.items() if not (in_memory and shelf is Shelf.CHAT)}
        if self._holdings is not None:
            there = self._holdings.begun(kept.values())
        else:
            there = {place for place in kept.values() if (path := self._path(*place)) is not None and path.exists()}
        with self._lock:
            there |= {place for shelf, place in places.items() if shelf not in kept and place in self._open}
        return [shelf for shelf, place in places.items() if place in there]

    def _path(self, owner: str, name: str) -> Path | None:
        """Return where a collection's file is; None in PostgreSQL. Owners may be called anything: they are hashed."""
        if isinstance(self._place, str):
            return None
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._place / file_name(owner, name)

    def forget(self, places: Iterable[tuple[str, str]], shelf: Shelf = Shelf.CHAT) -> None:
        """Remove the documents of chats that are gone, or of people's own shelves: by owner and conversation id."""
        for owner, conversation_id in places:
            name = _name(shelf, conversation_id)
            if not self._begun(owner, conversation_id, [shelf]):
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
        if self._holdings is not None:
            return self._holdings.kept_bytes(owner)
        if isinstance(self._place, str) or not self._place.is_dir():
            return 0
        return sum(file.stat().st_size for file in self._place.glob(f"*-{hashed(owner)}.db*"))

    def keep(self, owner: str, conversation_id: str, kept_id: str) -> None:
        """Copy the documents of a temporary chat to the shelf of one that is kept.

        In PostgreSQL they are read anew and get other ids: what cites them there shows its text and not the page.
        """
        if not self._begun(owner, conversation_id, [Shelf.CHAT]):
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
        if (holdings := self.__dict__.get("_holdings")) is not None:
            holdings.close()
        self._let_go()


def _place(shelf: Shelf, owner: str, conversation_id: str) -> tuple[str, str]:
    """Return whose a collection is, and its name."""
    return SHARED_OWNER if shelf is Shelf.SHARED else owner, _name(shelf, conversation_id)


def _name(shelf: Shelf, conversation_id: str) -> str:
    return f"{OF_CHAT}{conversation_id}" if shelf is Shelf.CHAT else str(shelf)


def _in_memory(name: str) -> bool:
    return is_temporary(name.removeprefix(OF_CHAT))
