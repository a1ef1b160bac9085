"""Sources: passages that an answer may cite, each with a number, and the documents that they come from."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from threading import Lock
from typing import Any, Final

from orchat.agent.contract import Artifact, Files
from orchat.errors import NotFoundError, ToolError
from orchat.library import Library, Shelf
from orchat.search.document import Part, Place
from orchat.search.records import FileStatus, Hit, IndexedFile
from orchat.store import Message
from orchat.wire import objects

KIND: Final = "sources"
"""The kind of the artifact in which a call's sources are kept."""
MIME = "application/vnd.orchat.sources+json"
READ_AT_ONCE = 12
"""Pages, slides, sheets or sections that one call reads."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage with the number that an answer cites it by. `part`, `start` and `end` are as in a `Hit`."""

    number: int
    shelf: str
    file: str
    name: str
    mime: str
    place: str
    """Where it stands, for people: "page 4", "Results › Revenue"."""
    page: int | None
    text: str
    part: int
    start: int
    end: int

    @classmethod
    def from_json(cls, value: Any) -> "Source":
        """Read one that was kept.

        Raises:
            TypeError: it is none.
        """
        return cls(**{field.name: value[field.name] for field in fields(cls)})


def kept(sources: Sequence[Source]) -> Artifact:
    """Return sources as the artifact of the call that found them."""
    data = json.dumps([asdict(source) for source in sources], ensure_ascii=False).encode()
    return Artifact(KIND, "sources.json", MIME, data)


def read_kept(data: bytes) -> list[Source]:
    """Return the sources of an artifact; what is none, whatever it says, is left out."""
    try:
        return [Source.from_json(value) for value in objects(json.loads(data))]
    except (ValueError, KeyError, TypeError):
        return []


def sources_of(message: Message, files: Files) -> list[Source]:
    """Return the sources that a call found; `message` is the one that holds its result."""
    artifacts = objects((message.details or {}).get("artifacts"))
    found = (str(artifact.get("sha256")) for artifact in artifacts if artifact.get("kind") == KIND)
    return [source for sha256 in found for source in _read(sha256, files)]


def _read(sha256: str, files: Files) -> list[Source]:
    try:
        return read_kept(files.read(sha256))
    except NotFoundError:
        return []


def last_number(messages: Iterable[Message], files: Files) -> int:
    """Return the highest number that a source in these messages has; 0 where there is none."""
    return max((source.number for message in messages for source in sources_of(message, files)), default=0)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that can be searched, or that cannot and says why."""

    shelf: Shelf
    status: FileStatus
    mime: str
    pages: int | None


class Documents:
    """The documents that one turn can reach: those of its chat, of its person, and of everybody. All methods block."""

    def __init__(self, library: Library, owner: str, conversation_id: str, numbered: Callable[[], int]) -> None:
        """`numbered` tells the highest number that a source of this conversation has had before."""
        self._library = library
        self._owner = owner
        self._conversation_id = conversation_id
        self._numbers: Iterator[int] | None = None
        self._numbered = numbered
        self._lock = Lock()

    def all(self) -> list[Document]:
        """Return every file, those of the chat first."""
        found = []
        for shelf, collection in self._reach().items():
            files = {file.id: file for file in collection.files()}
            for status in collection.status():
                file = files.get(status.id)
                found.append(Document(shelf, status, file.mime if file else "", file.pages if file else None))
        return found

    def search(self, query: str, files: Sequence[str] = (), k: int = 8) -> list[Source]:
        """Return the best passages, best first; `files` are names, and without them all are searched.

        Raises:
            ToolError: there is no file of such a name.
        """
        wanted = self._found(files) if files else None
        hits: list[tuple[Hit, Shelf]] = []
        for shelf, collection in self._reach().items():
            if wanted is None:
                hits += [(hit, shelf) for hit in collection.search(query, k)]
            elif ids := [file for where, file in wanted if where is shelf]:
                hits += [(hit, shelf) for hit in collection.search(query, k, ids)]
        hits.sort(key=lambda found: -found[0].score)
        return list(self._numbered_hits(hits[:k]))

    def read(self, name: str, numbers: Sequence[int] = ()) -> tuple[list[Source], int]:
        """Return pages, slides, sheets or sections of a file, and how many it has; without numbers the first ones.

        Raises:
            ToolError: there is no file of that name, or nothing with such a number in it.
        """
        (shelf, file), *_ = self._found([name])
        collection = self._reach()[shelf]
        parts = list(enumerate(collection.read(file)))
        paged = any(part.place.number for _, part in parts)
        by_number = [(part.place.number if paged else at + 1, at, part) for at, part in parts]
        chosen = [found for found in by_number if not numbers or found[0] in set(numbers)][:READ_AT_ONCE]
        if not chosen:
            raise ToolError(f"“{name}” has no page, slide, sheet or section {', '.join(map(str, numbers))}.")
        about = next(document for document in collection.files() if document.id == file)
        return [self._source(shelf, about, part, at) for _, at, part in chosen], about.pages or len(parts)

    def _reach(self) -> dict[Shelf, Any]:
        return self._library.in_reach(self._owner, self._conversation_id)

    def _found(self, names: Sequence[str]) -> list[tuple[Shelf, str]]:
        there = [document for document in self.all() if document.status.chunks]
        found = [(document.shelf, document.status.id) for document in there if document.status.name in set(names)]
        missing = set(names) - {document.status.name for document in there}
        if missing:
            known = ", ".join(document.status.name for document in there) or "none"
            raise ToolError(f"There is no searchable file “{min(missing)}”. There are: {known}.")
        return found

    def _numbered_hits(self, hits: Iterable[tuple[Hit, Shelf]]) -> Iterator[Source]:
        for hit, shelf in hits:
            place = where(hit.place)
            yield Source(
                self._next(),
                shelf,
                hit.file,
                hit.name,
                hit.mime,
                place,
                hit.page,
                hit.text,
                hit.part,
                hit.start,
                hit.end,
            )

    def _source(self, shelf: Shelf, about: IndexedFile, part: Part, at: int) -> Source:
        place, page, end = where(part.place), part.place.number, len(part.text)
        return Source(self._next(), shelf, about.id, about.name, about.mime, place, page, part.text, at, 0, end)

    def _next(self) -> int:
        with self._lock:
            if self._numbers is None:
                self._numbers = itertools.count(self._numbered() + 1)
            return next(self._numbers)


def where(place: Place) -> str:
    """Return a place as a person says it."""
    headings = " › ".join(place.heading)
    if place.number is not None:
        label = f" ({place.label})" if place.label and place.label != str(place.number) else ""
        return f"{place.unit} {place.number}{label}"
    if place.line is not None and place.unit == "lines":
        return f"line {place.line}"
    return headings
